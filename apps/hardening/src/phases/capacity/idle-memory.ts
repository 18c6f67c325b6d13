import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { LoadPlan } from '#libs/harness/load/load-plan.js';
import type { Verbatim } from '#libs/harness/system/verbatim.js';
import { settledMemory } from '../under-load/settled-memory.js';

const AT_ONCE = 50;

/** Memory of Verbatim's own processes in MB, collected: with no connection, and with one of each of these bots. */
export type IdleMemory = Readonly<{ connections: number; withoutMB: number; withMB: number }>;

export const idleMemory = async (
  local: Verbatim,
  bots: LoadPlan['bots'],
  signal: AbortSignal,
): Promise<IdleMemory> => {
  const withoutMB = await settledMemory(local);
  const sockets: Socket[] = [];
  try {
    while (sockets.length < bots.length) {
      signal.throwIfAborted();
      const more = bots.slice(sockets.length, sockets.length + AT_ONCE).map(({ auth }) =>
        io(`${local.url}/bots`, {
          auth: auth as Record<string, unknown>,
          transports: ['websocket'],
          forceNew: true,
        }),
      );
      sockets.push(...more);
      await Promise.all(more.map(isReady));
    }
    return { connections: sockets.length, withoutMB, withMB: await settledMemory(local) };
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
};

const isReady = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('ready', () => resolve());
    socket.once('connect_error', reject);
  });
