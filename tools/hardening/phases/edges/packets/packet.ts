/** Frames that no client of Socket.IO would send. */
export type Packet = Readonly<{
  sent: string;
  frames: readonly (string | Uint8Array)[];
  /**
   * `closes`: the server ends this connection, for what came is no packet. `ignored`: nothing comes
   * of it. Else the error the frame is answered with. But for `closes` the connection goes on.
   */
  expected: 'closes' | 'ignored' | Readonly<{ code: string; status: number }>;
  /** Default: after the namespace was entered. */
  before?: boolean;
}>;

export type PacketSeen = Readonly<{
  packet: Packet;
  /** All that came after the frames, less the answer to the question whether the connection goes on. */
  received: readonly string[];
  /** Whether a good request made afterwards was answered on the same connection. */
  goesOn: boolean;
  closed: boolean;
}>;

/** What became of a connection that had nothing to do with it. */
export type Bystander = Readonly<{ isSame: boolean; answers: boolean; received: boolean }>;
