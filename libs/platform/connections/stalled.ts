import type { Socket } from 'node:net';

/** What a peer has taken of what it was sent, and whether something waits for it. */
export type Taking = Readonly<{ waiting: boolean; taken: string }>;

/** Finds peers that take nothing of what waits for them for too long, whatever else they send. */
export class StallWatch<Peer extends object> {
  private readonly since = new Map<Peer, Readonly<{ taken: string; at: number }>>();

  constructor(
    private readonly patienceMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Looks at all there are. @returns those whose patience is used up */
  look(peers: Iterable<Peer>, takingOf: (peer: Peer) => Taking): Peer[] {
    const now = this.now();
    const stalled: Peer[] = [];
    const before = new Map(this.since);
    this.since.clear();
    for (const peer of peers) {
      const { waiting, taken } = takingOf(peer);
      if (!waiting) continue;
      const known = before.get(peer);
      const at = known?.taken === taken ? known.at : now;
      if (now - at >= this.patienceMs) stalled.push(peer);
      else this.since.set(peer, { taken, at });
    }
    return stalled;
  }
}

/** What Node keeps of a socket for itself. */
type Handled = Partial<Record<'_handle', { writeQueueSize?: number } | null>>;

/** Of a socket: how much was handed to the network, and how much of the last write the network has not taken. */
export const takingOfSocket = (socket: Socket): Taking => {
  const handle = (socket as unknown as Handled)['_handle'];
  const inWork = handle?.writeQueueSize ?? 0;
  const handed = socket.bytesWritten - socket.writableLength;
  return { waiting: socket.writableLength > 0 || inWork > 0, taken: `${handed}:${inWork}` };
};
