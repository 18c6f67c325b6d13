import type { Usage } from '#libs/harness/measure/process-usage.js';
import { runLoad } from '#libs/harness/load/run-load.js';
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
  /** What names of bots and channels begin with; new for each probe, so that none gets what another left behind. */
  prefix: string;
}>;

export const BODY_BYTES = 100;

/** One short load by new bots in new channels, of which all that goes wrong is told; afterwards the server is at rest. */
export const carryOut = async (
  { api, botsUrl, local }: SystemUnderTest,
  { bots, channels, rate, warmUpSeconds, seconds, prefix }: ProbePlan,
  signal: AbortSignal,
): Promise<Probe> => {
  const crew = await registerBots(api, { bots, channels, prefix });
  await untilAtRest(api);
  signal.throwIfAborted();
  const plan = { url: botsUrl, bots: crew, rate, pipeline: 1, warmUpSeconds, seconds, bodyBytes: BODY_BYTES };
  const probe = { bots, rate, seconds };
  try {
    const { load, usage } = await runLoad(plan, () => local?.process.tree.living() ?? [], { signal });
    await untilAtRest(api);
    const cpu = local && { cpuPerThousand: cpuPerThousand(usage, seconds, load.sent) };
    return { ...probe, load, ...cpu };
  } catch (error) {
    signal.throwIfAborted();
    return { ...probe, trouble: (error as Error).message };
  }
};

const cpuPerThousand = (usage: readonly Usage[], seconds: number, messages: number): number => {
  const percent = usage
    .filter(({ process }) => process !== 'load generator')
    .reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  return ((percent / 100) * seconds * 1_000) / messages;
};
