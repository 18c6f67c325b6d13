import { once } from 'node:events';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Findings } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import { startApartEngines } from './apart-engines.js';
import type { Played } from './carry-out.js';
import { Cleanup } from './cleanup.js';
import { exactRows } from './exactness/judge-exactness.js';
import { withLog } from './exactness/saw.js';
import type { Saw } from './exactness/saw.js';
import { restartFromAfar, storesFromAfar } from './not-from-afar.js';
import {
  playKilledBot,
  playLostConnections,
  playPostgresAway,
  playRestarts,
  playSilence,
  playStoreAway,
} from './plays.js';
import type { Stage } from './stage.js';

/** Makes things fail around and inside a Verbatim, while bots that record everything use it. */
export const faultsPhase: Phase = {
  name: 'faults',
  title: 'Faults',
  expectedSeconds: () => 130,
  run: async (context) => {
    const cleanup = new Cleanup();
    const played = play(context, cleanup);
    try {
      return await Promise.race([played, aborted(context.signal)]);
    } finally {
      await cleanup.runTasks();
    }
  },
};

const play = async (context: PhaseContext, cleanup: Cleanup): Promise<Findings> => {
  const random = new Random(seedOfThisRun());
  const opening = context.systems.open();
  cleanup.addTask(async () => (await opening.catch(() => undefined))?.close());
  const { api, botsUrl, local } = await opening;
  const current = local && { system: Promise.resolve(local) };
  cleanup.addTask(async () => (await current?.system.catch(() => undefined))?.killTree());
  const stage: Stage = {
    api,
    front: new VerbatimApi(botsUrl, api.adminKey),
    isRemote: context.systems.isRemote,
    prefix: `${context.runId}-`,
    random,
    signal: context.signal,
    tell: (doing) => context.tell({ doing }),
  };
  // The network is away for longer than all other faults take together, so this one runs alongside them.
  const silence = playSilence(stage);
  const killedBot = await playKilledBot(stage);
  const lostConnections = await playLostConnections(stage);
  const stores = current ? await playStoresAway(context, stage, cleanup) : [storesFromAfar()];
  stage.tell('a network is a black hole until a bot has given up');
  const lostNetwork = await silence;
  const restarts = current ? await playRestarts(stage, current) : restartFromAfar();
  const saw = [
    ...(await lookAgain(stage, [killedBot, lostNetwork, lostConnections, restarts])),
    ...stores.flatMap((store) => store.saw ?? []),
  ];
  const played = [killedBot, lostNetwork, ...stores, lostConnections, restarts];
  return {
    did: [
      ...played.map(({ did }) => did),
      'Everything that any bot saw or was told was compared with the log, and once more after the last restart.',
    ],
    rows: [...played.flatMap(({ rows }) => rows), ...exactRows(saw)],
  };
};

/** Compares with the log as it is in the end, after everything that was done to the system. */
const lookAgain = (stage: Stage, played: readonly Played[]): Promise<readonly Saw[]> =>
  Promise.all(played.flatMap(({ saw }) => (saw ? [withLog(stage, saw.histories, saw.readers)] : [])));

/** Takes the stores away from a separate system, whose stores are processes of their own. */
const playStoresAway = async (
  { planted }: PhaseContext,
  stage: Stage,
  cleanup: Cleanup,
): Promise<readonly Played[]> => {
  stage.signal.throwIfAborted();
  const starting = startApartEngines(planted);
  cleanup.addTask(async () => (await starting.catch(() => undefined))?.close());
  const apart = await starting;
  const there: Stage = { ...stage, api: apart.api, front: apart.front };
  const played = [await playPostgresAway(there, apart.roles), await playStoreAway(there, apart.roles)];
  await apart.close();
  return played;
};

/** Rejects when the run is called off. @throws the signal's reason */
const aborted = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
};
