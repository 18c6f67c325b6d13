import type { Outcome } from '../figures/outcome.js';
import { setTimeout as pause } from 'node:timers/promises';
import { UsageMeter, type Usage } from '#tools/harness/measure/process-usage.js';
import type { LoadFigures, LoadOrder } from '../generator/orders.js';
import { range, type Stage } from './workload.js';

const WARM_UP_SECONDS = 2;
const SETTLE_MS = 15_000;
/** How soon after the end of a load read models must be level. Later, the load was not sustained. */
const LEVEL_MS = 2_000;
/** The share of posts that must be acknowledged in time. */
const KEPT_UP = 0.95;
const LEVEL_PATIENCE_MS = 60_000;

/** How much a load asks for: see the order to the generator. */
export type Pressure = Pick<LoadOrder, 'rate' | 'outstanding' | 'posters'>;

/** Connects all guests and keeps up a load. The first seconds are not measured. */
export const sustainLoad = async (stage: Stage, guests: number, pressure: Pressure): Promise<Outcome> => {
  const { generator, system, seconds } = stage;
  await generator.tell('connect', range(0, guests));
  const [load, usage] = await Promise.all([
    generator.tell('load', { ...pressure, warmUpSeconds: WARM_UP_SECONDS, seconds }),
    measureUsage(stage),
  ]);
  const ended = performance.now();
  await system.untilLevel(LEVEL_PATIENCE_MS);
  const levelAfter = performance.now() - ended;
  const verdict = await generator.tell('verdict', SETTLE_MS);
  const reason = whyNot(load, levelAfter, pressure.rate * seconds);
  return {
    figures: { ...figuresOf(load, usage, seconds), levelAfter },
    verdict,
    ...(reason !== undefined && { doesNotCount: reason }),
  };
};

/** Says why a load was not sustained. @param due how many posts had to be acknowledged; 0: any number */
const whyNot = (
  { acknowledged, refused }: LoadFigures,
  levelAfter: number,
  due: number,
): string | undefined => {
  if (refused > 0) return `${refused} posts were refused`;
  if (acknowledged === 0) return 'nothing was acknowledged';
  if (acknowledged < due * KEPT_UP)
    return `kept up with ${Math.round((100 * acknowledged) / due)} % of the posts`;
  return levelAfter > LEVEL_MS ? `read models were level after ${Math.round(levelAfter)} ms` : undefined;
};

type Measured = Readonly<{ server: readonly Usage[]; generator: readonly Usage[] }>;

const measureUsage = async ({ system, generator, seconds }: Stage): Promise<Measured> => {
  const server = new UsageMeter(() => system.pids());
  const load = new UsageMeter(() => [generator.pid]);
  await pause(WARM_UP_SECONDS * 1_000);
  server.start();
  load.start();
  await pause(seconds * 1_000);
  return { server: server.lap(), generator: load.lap() };
};

const figuresOf = (load: LoadFigures, usage: Measured, seconds: number): Outcome['figures'] => {
  const { acknowledged, acknowledgement, delivery } = load;
  const cpuSeconds = (coresOf(usage.server) * seconds) / acknowledged;
  return {
    throughput: acknowledged / seconds,
    ackP50: acknowledgement.p50,
    ackP99: acknowledgement.p99,
    deliveryP50: delivery.p50,
    deliveryP99: delivery.p99,
    cpuPer1000: cpuSeconds * 1_000,
    memory: usage.server.reduce((sum, { rssMiB }) => sum + rssMiB, 0),
    generatorCpu: coresOf(usage.generator),
  };
};

const coresOf = (usages: readonly Usage[]): number =>
  usages.reduce((sum, { cpuPercent }) => sum + cpuPercent / 100, 0);
