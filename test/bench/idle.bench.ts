import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { setTimeout as pause } from 'node:timers/promises';
import { startForLoad } from './delivery.bench.js';
import { UsageMeter } from './harness/process-usage.js';
import { printTable } from './harness/results.js';
import { startBareServer } from './load/run-load.js';

export type IdleOptions = Readonly<{ connections: number }>;

const CHANNEL = 'idle';
const AT_ONCE = 100;

/** What a connection costs that does nothing: memory of the server before and after, divided. */
export const idle = async ({ connections }: IdleOptions): Promise<object> => {
  const bare = await startBareServer();
  const ofBare = await measure(
    bare.url,
    () => [bare.pid],
    connections,
    () => ({ channel: CHANNEL }),
  );
  bare.stop();
  const { system, stop } = await startForLoad();
  try {
    await system.createChannel(CHANNEL);
    const key = await system.createBot('idler');
    await system.addMember(CHANNEL, 'idler');
    const pids = (): readonly number[] => [system.process.pid];
    const ours = await measure(system.url, pids, connections, (index) => ({ key, consumer: `c${index}` }));
    const rows = [
      { run: 'bare Socket.IO', ...ofBare },
      { run: 'Verbatim', ...ours },
    ];
    printTable(`${connections} idle connections`, rows);
    return { rows };
  } finally {
    await stop();
  }
};

const measure = async (
  url: string,
  pids: () => readonly number[],
  connections: number,
  auth: (index: number) => object,
): Promise<Readonly<{ 'KiB a connection': number; 'MiB before': number; 'MiB after': number }>> => {
  const memory = (): number => {
    const meter = new UsageMeter(pids);
    meter.start();
    return meter.stop().reduce((sum, { rssMiB }) => sum + rssMiB, 0);
  };
  const before = memory();
  const sockets: Socket[] = [];
  while (sockets.length < connections) {
    const more = Array.from({ length: Math.min(AT_ONCE, connections - sockets.length) }, (_, index) =>
      io(`${url}/bots`, {
        auth: auth(sockets.length + index) as Record<string, unknown>,
        transports: ['websocket'],
        forceNew: true,
      }),
    );
    await Promise.all(more.map((socket) => new Promise((resolve) => socket.once('ready', resolve))));
    sockets.push(...more);
  }
  await pause(5_000);
  const after = memory();
  for (const socket of sockets) socket.disconnect();
  return {
    'KiB a connection': Math.round(((after - before) * 1_024) / connections),
    'MiB before': before,
    'MiB after': after,
  };
};
