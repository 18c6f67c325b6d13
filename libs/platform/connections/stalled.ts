import type { Socket } from 'node:net';

/**
 * Tells how much data a peer has taken so far, and whether more is waiting for it. `taken` is any text that changes as
 * the peer takes data.
 */
export type Taking = Readonly<{ waiting: boolean; taken: string }>;

/** Finds peers that for too long take none of the data waiting for them, whatever else they send. */
export class StallWatch<Peer extends object> {
  private readonly since = new Map<Peer, Readonly<{ taken: string; at: number }>>();

  constructor(
    private readonly patienceMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Checks all peers. @returns those that have taken nothing for `patienceMs` */
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

/** Internal field of Node's sockets. */
type Handled = Partial<Record<'_handle', { writeQueueSize?: number } | null>>;

/**
 * Returns how much of a socket's data was handed to the network, and how much of the last write the network has not
 * taken yet.
 */
export const takingOfSocket = (socket: Socket): Taking => {
  const handle = (socket as unknown as Handled)['_handle'];
  const inWork = handle?.writeQueueSize ?? 0;
  const handed = socket.bytesWritten - socket.writableLength;
  return { waiting: socket.writableLength > 0 || inWork > 0, taken: `${handed}:${inWork}` };
};
