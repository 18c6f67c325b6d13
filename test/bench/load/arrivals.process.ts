import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

export type ArrivalsPlan = Readonly<{ url: string; keys: readonly string[]; atOnce: number }>;

/**
 * Connects bots one after the other, this many at once, and keeps them connected. Runs as a separate process, and
 * reports when all are there.
 */
const come = async ({ url, keys, atOnce }: ArrivalsPlan): Promise<void> => {
  const began = performance.now();
  const left = keys.values();
  const sockets: Socket[] = [];
  let presence = 0;
  const comeInTurn = async (): Promise<void> => {
    for (const key of left) {
      const socket = io(`${url}/bots`, { auth: { key }, transports: ['websocket'], forceNew: true });
      sockets.push(socket);
      socket.on('presence', () => (presence += 1));
      socket.on('backlog', (_: unknown, acknowledge: () => void) => acknowledge());
      await new Promise<void>((resolve) => socket.once('ready', () => resolve()));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, comeInTurn));
  process.send?.({ tookMs: performance.now() - began });
  process.once('message', () => {
    process.send?.({ presence });
    for (const socket of sockets) socket.disconnect();
    process.disconnect();
  });
};

process.once('message', (plan) => void come(plan as ArrivalsPlan));
