import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { setTimeout as pause } from 'node:timers/promises';
import { startRoles } from '#tools/harness/system/roles.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { memoryOf } from '#tools/harness/measure/process-usage.js';
import { COLLECTING, collectedMemoryOf } from './harness/collected-memory.js';
import { printTable } from './harness/results.js';
import { startBareServer } from './load/bare-server.js';

export type IdleOptions = Readonly<{ connections: number }>;

/** How many bots are in each channel. */
const TOGETHER = 100;
const AT_ONCE = 50;
/**
 * Time for the server to announce who came and to write what it owes the log, and for V8 to collect the garbage of that
 * by itself. V8 does so at most 100 seconds after a process has become idle.
 */
const SETTLE_MS = 120_000;

type Auth = (index: number) => Record<string, unknown>;
type Row = Readonly<{
  'MiB before': number;
  'MiB after': number;
  'KiB each': number;
  'KiB each, collected': number;
}>;

/** Measures what an idle connection costs: the memory of the server (only a gateway) before and after, divided. */
export const idle = async ({ connections }: IdleOptions): Promise<object> => {
  const rows = [
    { run: 'bare Socket.IO', ...(await ofBare(connections)) },
    { run: 'Verbatim', ...(await ofVerbatim(connections)) },
  ];
  printTable(`${connections} idle connections`, rows);
  return { rows };
};

const ofBare = async (connections: number): Promise<Row> => {
  const bare = await startBareServer({ NODE_OPTIONS: COLLECTING });
  try {
    return await measure(bare.url, bare.pid, connections, (index) => ({ channel: channelOf(index) }));
  } finally {
    bare.stop();
  }
};

const ofVerbatim = async (connections: number): Promise<Row> => {
  const roles = await startRoles({ gateways: 1, admins: 1, env: { NODE_OPTIONS: COLLECTING } });
  try {
    const [gateway] = roles.gateways;
    const keys = await registerAll(gateway!.api, connections);
    // Registering is not measured, but leaves garbage.
    await gateway!.process.terminate();
    await gateway!.process.start();
    return await measure(gateway!.api.url, gateway!.process.pid, connections, (index) => ({
      key: keys[index],
    }));
  } finally {
    await roles.remove();
  }
};

const channelOf = (index: number): string => `idle-${Math.floor(index / TOGETHER)}`;

const registerAll = async (api: VerbatimApi, count: number): Promise<string[]> => {
  const keys: string[] = [];
  const registerOne = async (index: number): Promise<void> => {
    const bot = `idler-${index}`;
    keys[index] = await api.createBot(bot);
    await api.addMember(channelOf(index), bot);
  };
  for (let index = 0; index < count; index += TOGETHER) {
    await api.createChannel(channelOf(index));
    await Promise.all(
      Array.from({ length: Math.min(TOGETHER, count - index) }, (_, more) => registerOne(index + more)),
    );
  }
  return keys;
};

const measure = async (url: string, pid: number, connections: number, auth: Auth): Promise<Row> => {
  const before = memoryOf(pid).rssMiB;
  const heldBefore = await collectedMemoryOf(pid);
  const sockets: Socket[] = [];
  while (sockets.length < connections) {
    const more = Array.from({ length: Math.min(AT_ONCE, connections - sockets.length) }, (_, index) =>
      io(`${url}/bots`, { auth: auth(sockets.length + index), transports: ['websocket'], forceNew: true }),
    );
    await Promise.all(more.map(ready));
    sockets.push(...more);
  }
  await pause(SETTLE_MS);
  const after = memoryOf(pid).rssMiB;
  const held = await collectedMemoryOf(pid);
  for (const socket of sockets) socket.disconnect();
  const each = (mebibytes: number): number => Math.round((mebibytes * 1_024) / connections);
  return {
    'MiB before': Math.round(before),
    'MiB after': Math.round(after),
    'KiB each': each(after - before),
    'KiB each, collected': each(held - heldBefore),
  };
};

const ready = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('ready', () => resolve());
    socket.once('connect_error', reject);
  });
