import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { LoadPlan } from '#tools/harness/load/load-plan.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { settledMemory } from '../under-load/settled-memory.js';

const AT_ONCE = 50;

/**
 * Returns how many MB an idle connection takes in Verbatim's own processes, after forced collections. A third of the bots
 * connects first, so that one-time costs of the first connections do not count.
 * @throws Error when a bot is refused
 */
export const memoryPerConnection = async (
  local: Verbatim,
  bots: LoadPlan['bots'],
  signal: AbortSignal,
): Promise<number> => {
  const sockets: Socket[] = [];
  const connectUpTo = async (count: number): Promise<number> => {
    while (sockets.length < count) {
      signal.throwIfAborted();
      const more = bots
        .slice(sockets.length, Math.min(count, sockets.length + AT_ONCE))
        .map(({ auth }) => connect(local.url, auth));
      sockets.push(...more);
      await Promise.all(more.map(isReady));
    }
    return (await settledMemory(local)).all;
  };
  try {
    const few = Math.floor(bots.length / 3);
    const withFew = await connectUpTo(few);
    const withAll = await connectUpTo(bots.length);
    return (withAll - withFew) / (bots.length - few);
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
};

const connect = (url: string, auth: object): Socket =>
  io(`${url}/bots`, { auth: auth as Record<string, unknown>, transports: ['websocket'], forceNew: true });

const isReady = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('ready', () => resolve());
    socket.once('connect_error', reject);
  });
