import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Random, seedOfThisRun } from '#libs/harness/random.js';
import { VerbatimApi } from '#libs/harness/system/verbatim-api.js';
import type { Findings } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import { startApartEngines } from './apart-engines.js';
import type { Played } from './carry-out.js';
import { Cleanup } from './cleanup.js';
import { exactRows } from './exactness/judge-exactness.js';
import { beside } from './exactness/saw.js';
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

/** How long a fault that is under way may take to notice that the run was called off. */
const GRACE_MS = 5_000;

/** What goes wrong around a Verbatim and in it, while bots that keep a diary use it. */
export const faultsPhase: Phase = {
  name: 'faults',
  title: 'Faults',
  expectedSeconds: () => 130,
  run: async (context) => {
    const cleanup = new Cleanup();
    const played = play(context, cleanup);
    try {
      return await Promise.race([played, aborted(context.signal)]);
    } catch (error) {
      await cleanup.run();
      // What was being started meanwhile is ended as well.
      await Promise.race([played.catch(() => undefined), pause(GRACE_MS, undefined, { ref: false })]);
      throw error;
    } finally {
      await cleanup.run();
    }
  },
};

const play = async (context: PhaseContext, cleanup: Cleanup): Promise<Findings> => {
  const random = new Random(seedOfThisRun());
  const { api, botsUrl, local, close } = await context.systems.open();
  const current = local && { system: local };
  cleanup.add(close);
  cleanup.add(async () => current?.system.killTree());
  const stage: Stage = {
    api,
    front: new VerbatimApi(botsUrl, api.adminKey),
    isRemote: context.systems.isRemote,
    prefix: `${context.runId}-`,
    random,
    tell: (doing) => context.tell({ doing }),
  };
  // The network is away for longer than all the others take together.
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
      'Whatever any bot saw and was told was compared with the log, once more after the last restart.',
    ],
    rows: [...played.flatMap(({ rows }) => rows), ...exactRows(saw)],
  };
};

/** The log as it is in the end, after all that was done to the system. */
const lookAgain = (stage: Stage, played: readonly Played[]): Promise<readonly Saw[]> =>
  Promise.all(played.flatMap(({ saw }) => (saw ? [beside(stage, saw.histories, saw.readers)] : [])));

/** In a system of its own, whose stores are processes apart. */
const playStoresAway = async (
  { planted }: PhaseContext,
  stage: Stage,
  cleanup: Cleanup,
): Promise<readonly Played[]> => {
  const apart = await startApartEngines(planted);
  cleanup.add(apart.close);
  const there: Stage = { ...stage, api: apart.api, front: apart.front };
  const played = [await playPostgresAway(there, apart.roles), await playStoreAway(there, apart.roles)];
  await apart.close();
  return played;
};

/** @throws the reason, when the run is called off */
const aborted = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
};
