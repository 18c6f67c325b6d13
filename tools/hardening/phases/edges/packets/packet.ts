/** Frames that no Socket.IO client would send. */
export type Packet = Readonly<{
  sent: string;
  frames: readonly (string | Uint8Array)[];
  /**
   * `closes`: the server ends this connection, because the frame is not a packet. `ignored`: nothing happens.
   * Otherwise the error that answers the frame. Except for `closes`, the connection stays open.
   */
  expected: 'closes' | 'ignored' | Readonly<{ code: string; status: number }>;
  /** Whether the frames are sent before the namespace is entered; by default they are sent after. */
  before?: boolean;
}>;

export type PacketSeen = Readonly<{
  packet: Packet;
  /** Everything received after the frames, without the answer to the request that checks the connection. */
  received: readonly string[];
  /** Whether a valid request made afterwards was answered on the same connection. */
  goesOn: boolean;
  closed: boolean;
}>;

/** The state of another bot's connection after all packets were sent. */
export type Bystander = Readonly<{ isSame: boolean; answers: boolean; received: boolean }>;
