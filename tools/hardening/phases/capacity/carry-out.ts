import type { Usage } from '#tools/harness/measure/process-usage.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import type { SystemUnderTest } from '../../system/system-source.js';
import { registerBots } from '../under-load/register-bots.js';
import type { Probe } from './probe.js';
import { untilAtRest } from './at-rest.js';

export type ProbePlan = Readonly<{
  bots: number;
  channels: number;
  rate: number;
  warmUpSeconds: number;
  seconds: number;
  /** The start of the names of bots and channels. New for each probe, so that no probe inherits from another. */
  prefix: string;
}>;

export const BODY_BYTES = 100;

/**
 * Carries out one short load with new bots in new channels, and reports everything that goes wrong. Afterwards the server
 * is at rest.
 * @throws Error when the run is called off
 */
export const carryOut = async (
  system: SystemUnderTest,
  plan: ProbePlan,
  signal: AbortSignal,
): Promise<Probe> => {
  const { bots, rate, seconds } = plan;
  signal.throwIfAborted();
  try {
    return { bots, rate, seconds, ...(await measured(system, plan, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    return { bots, rate, seconds, trouble: (error as Error).message };
  }
};

const measured = async (
  { api, botsUrl, local }: SystemUnderTest,
  { bots, channels, prefix, ...load }: ProbePlan,
  signal: AbortSignal,
): Promise<Pick<Probe, 'load' | 'cpuPerThousand'>> => {
  const crew = await registerBots(api, { bots, channels, prefix });
  await untilAtRest(api);
  const plan = { ...load, url: botsUrl, bots: crew, pipeline: 1, bodyBytes: BODY_BYTES };
  const { load: result, usage } = await runLoad(plan, () => local?.process.tree.living() ?? [], { signal });
  await untilAtRest(api);
  if (local === undefined) return { load: result };
  return { load: result, cpuPerThousand: cpuPerThousand(usage, load.seconds, result.sent) };
};

const cpuPerThousand = (usage: readonly Usage[], seconds: number, messages: number): number => {
  const percent = usage
    .filter(({ process }) => process !== 'load generator')
    .reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  return ((percent / 100) * seconds * 1_000) / messages;
};
