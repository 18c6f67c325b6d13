import type { LoadInterval, LoadPlan } from '#tools/harness/load/load-plan.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import type { SystemUnderTest } from '../../system/system-source.js';
import type { PhaseContext } from '../phase.js';
import type { Observed, Sample } from './observed.js';
import { ownMemory } from './observed.js';
import { registerBots } from './register-bots.js';
import { ServerWatch } from './server-watch.js';
import { settledMemory } from './settled-memory.js';

export type Load = Readonly<{ name: string; bots: number; channels: number; rate: number; seconds: number }>;

/** Seconds in which bots post at full speed, to fill the server's bounded buffers: filling them must not look like a leak. */
const fillingSeconds = (seconds: number): number => Math.max(3, Math.min(25, Math.round(seconds / 3)));

/** Seconds of the steady load that follow, because the size of buffers and heaps depends on how messages arrive. */
const steadySeconds = (seconds: number): number => Math.max(1, Math.min(60, Math.round(seconds / 12)));

/** How long the warm-up before the load takes in all, in seconds. */
export const warmUpSeconds = (seconds: number): number => fillingSeconds(seconds) + steadySeconds(seconds);

/** Describes the warm-up and its purpose in words. */
export const warmUpSentence = (seconds: number): string =>
  `Before that they posted as fast as they were answered for ${fillingSeconds(seconds)} s, which fills the server’s bounded buffers, and at this rate for ${steadySeconds(seconds)} s. Then the bots left and garbage was collected; the memory at that moment, without file pages, is the baseline.`;

const BODY_BYTES = 100;
const SAMPLE_MS = 2_000;

/** `runLoad` measures no server processes here, because {@link ServerWatch} does. */
const NO_PROCESSES = (): readonly number[] => [];

/** Puts a system under a steady load and watches it. */
export const watchedLoad = async (
  system: SystemUnderTest,
  load: Load,
  { runId, signal, tell }: PhaseContext,
): Promise<Observed> => {
  const { bots, channels, rate, seconds } = load;
  tell({ doing: `creating ${bots} bots` });
  const crew = await registerBots(system.api, { bots, channels, prefix: `${load.name}-${runId}` });
  const plan: LoadPlan = {
    url: system.botsUrl,
    bots: crew,
    rate: 0,
    pipeline: 1,
    warmUpSeconds: 0,
    seconds: fillingSeconds(seconds),
    bodyBytes: BODY_BYTES,
  };
  tell({ doing: 'warming up' });
  await runLoad(plan, NO_PROCESSES, { signal });
  await runLoad({ ...plan, rate, seconds: steadySeconds(seconds) }, NO_PROCESSES, { signal });
  const before = system.local && (await settledMemory(system.local));
  const intervals: LoadInterval[] = [];
  const watch = new ServerWatch(system, SAMPLE_MS, (sample) => tell({ figures: serverFigures(sample) }));
  tell({ doing: `${rate} messages/s from ${bots} bots` });
  const { load: result } = await runLoad({ ...plan, rate, seconds, intervalSeconds: 1 }, NO_PROCESSES, {
    signal,
    onInterval: (interval) => {
      intervals.push(interval);
      tell({ figures: loadFigures(interval) });
    },
  });
  const samples = await watch.stopSampling();
  const after = system.local && (await settledMemory(system.local));
  return {
    rate,
    seconds,
    load: result,
    intervals,
    samples: system.local ? samples : samples.map((sample) => ({ ...sample, processes: [] })),
    ...(before === undefined || after === undefined
      ? {}
      : { settled: { before: before.held, after: after.held } }),
  };
};

const loadFigures = ({ acknowledged, acknowledgement, delivery, refused, disconnects }: LoadInterval) => ({
  'messages/s': acknowledged,
  'ack p99 ms': Math.round(acknowledgement.p99),
  'delivery p99 ms': Math.round(delivery.p99),
  errors: refused + disconnects,
});

const serverFigures = (sample: Sample) =>
  sample.processes.length === 0
    ? {}
    : {
        'memory MB': Math.round(ownMemory(sample)),
        'CPU %': Math.round(sample.processes.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0)),
      };
