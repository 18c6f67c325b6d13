import type { Findings } from '../../report/hardening-report.js';
import type { SystemUnderTest } from '../../system/system-source.js';
import type { Phase, PhaseContext } from '../phase.js';
import { registerBots } from '../under-load/register-bots.js';
import { settledMemory } from '../under-load/settled-memory.js';
import { untilAtRest } from './at-rest.js';
import { capacityFindings } from './capacity-findings.js';
import type { CapacityObserved, Searched } from './capacity-findings.js';
import { BODY_BYTES, carryOut } from './carry-out.js';
import { diskUseOf } from './disk-use.js';
import { effortFor, expectedSeconds } from './effort.js';
import type { Effort } from './effort.js';
import { memoryPerConnection } from './idle-memory.js';
import { failuresOf, P99_MS } from './probe.js';
import type { Probe } from './probe.js';
import { learn, nextProbe, NOTHING_KNOWN } from './search.js';
import type { SearchPlan } from './search.js';

const BOTS = 100;
const CHANNELS = 10;
const TOGETHER = BOTS / CHANNELS;
/** The share of the rate that held at which disk and CPU are measured: with some headroom, as in production. */
const COST_SHARE = 0.8;
/** Messages a second, at least. The cost of fewer messages would be lost among what else is written. */
const LEAST_COST_RATE = 500;
const RATE: Omit<SearchPlan, 'probes'> = { first: 1_000, most: 100_000, unit: 50, within: 0.05 };
const CONNECTIONS: Omit<SearchPlan, 'probes'> = { first: 500, most: 10_000, unit: 50, within: 0.05 };
/** Bots may send as fast as they like, because the phase looks for the limit of the server, not for that of a bot. */
const NO_LIMIT = { VERBATIM_RATE_LIMIT: '1000000', VERBATIM_RATE_BURST: '1000000' };

/** Measures how much load this machine can take, and what a message costs. */
export const capacityPhase: Phase = {
  name: 'capacity',
  title: 'Capacity',
  expectedSeconds,
  run: async (context: PhaseContext): Promise<Findings> => {
    const effort = effortFor(context.minutes);
    const system = await context.systems.open(NO_LIMIT);
    try {
      const perConnectionMB = await measureConnections(system, effort, context);
      const rate = await searchRate(system, effort, context);
      const connections = await searchConnections(system, effort, context);
      const costs = await measureCosts(
        system,
        { heldRate: rate.found.held, perConnectionMB },
        effort,
        context,
      );
      return capacityFindings(sentences(effort, context), { rate, connections, ...costs });
    } finally {
      await system.close();
    }
  },
};

type Try = (value: number, prefix: string) => Promise<Probe>;

const searchRate = (system: SystemUnderTest, effort: Effort, context: PhaseContext): Promise<Searched> =>
  searchBy({ ...RATE, probes: effort.rateProbes }, 'messages/s', context, (rate, prefix) => {
    const { warmUpSeconds, probeSeconds: seconds } = effort;
    return carryOut(
      system,
      { bots: BOTS, channels: CHANNELS, rate, warmUpSeconds, seconds, prefix },
      context.signal,
    );
  });

const searchConnections = (
  system: SystemUnderTest,
  effort: Effort,
  context: PhaseContext,
): Promise<Searched> =>
  searchBy({ ...CONNECTIONS, probes: effort.connectionProbes }, 'connections', context, (bots, prefix) => {
    const { warmUpSeconds, probeSeconds: seconds } = effort;
    const plan = { bots, channels: bots / TOGETHER, rate: bots, warmUpSeconds, seconds, prefix };
    return carryOut(system, plan, context.signal);
  });

const searchBy = async (
  plan: SearchPlan,
  unit: string,
  { runId, tell }: PhaseContext,
  attempt: Try,
): Promise<Searched> => {
  const probes: Probe[] = [];
  let found = NOTHING_KNOWN;
  for (let next = nextProbe(found, plan); next !== undefined; next = nextProbe(found, plan)) {
    tell({ doing: `probe ${probes.length + 1}: ${next} ${unit}`, figures: { held: found.held } });
    const probe = await attempt(next, `capacity-${unit.slice(0, 1)}${probes.length}-${runId}`);
    probes.push(probe);
    found = learn(found, next, failuresOf(probe).length === 0);
  }
  return { found, probes };
};

/** Must run on a fresh server: what a load leaves behind changes its memory more than connections do. */
const measureConnections = async (
  { api, local }: SystemUnderTest,
  { idleConnections: bots }: Effort,
  { runId, signal, tell }: PhaseContext,
): Promise<number> => {
  if (local === undefined) return Number.NaN;
  tell({ doing: `memory of ${bots} connections` });
  const idlers = await registerBots(api, { bots, channels: bots / TOGETHER, prefix: `capacity-i-${runId}` });
  await untilAtRest(api);
  return memoryPerConnection(local, idlers, signal);
};

type Known = Readonly<{ heldRate: number; perConnectionMB: number }>;

/** Measures disk and CPU with a load whose messages are counted, and memory after it. */
const measureCosts = async (
  system: SystemUnderTest,
  { heldRate, perConnectionMB }: Known,
  { costSeconds: seconds }: Effort,
  { runId, signal, tell }: PhaseContext,
): Promise<Pick<CapacityObserved, 'costLoad' | 'costs'>> => {
  const { local } = system;
  if (local === undefined) return {};
  const rate = Math.floor((Math.max(heldRate, LEAST_COST_RATE) * COST_SHARE) / RATE.unit) * RATE.unit;
  tell({ doing: `disk and CPU at ${rate} messages/s` });
  const prefix = `capacity-d-${runId}`;
  const before = await diskUseOf(local.home);
  const costLoad = await carryOut(
    system,
    { bots: BOTS, channels: CHANNELS, rate, warmUpSeconds: 0, seconds, prefix },
    signal,
  );
  const after = await diskUseOf(local.home);
  const messages = costLoad.load?.acknowledged ?? Number.NaN;
  return {
    costLoad,
    costs: {
      heldRate: heldRate || Number.NaN,
      eventStoreBytesPerMessage: (after.eventStoreBytes - before.eventStoreBytes) / messages,
      postgresBytesPerMessage: (after.postgresBytes - before.postgresBytes) / messages,
      cpuSecondsPerThousand: costLoad.cpuPerThousand ?? Number.NaN,
      memoryBaseMB: (await settledMemory(local)).all,
      memoryPerConnectionMB: perConnectionMB,
    },
  };
};

const sentences = (effort: Effort, { systems }: PhaseContext): readonly string[] => [
  `A search by bisection, in at most ${effort.rateProbes} probes of ${effort.probeSeconds} s, looked for the highest rate of ${BOTS} bots in ${CHANNELS} channels whose p99 of delivery and acknowledgement stays under ${P99_MS} ms. Another, in at most ${effort.connectionProbes} probes, looked for the most connections, ${TOGETHER} to a channel, each sending 1 message/s.`,
  'A probe also failed when a message was refused, lost or repeated, when a connection dropped, or when the load generator, a single process, was itself late. Each probe had new bots and channels, and began when the read models had caught up with the log.',
  ...(systems.isRemote
    ? []
    : [
        `Then bots sent messages of ${BODY_BYTES} bytes for ${effort.costSeconds} s, at ${COST_SHARE * 100} % of the rate that held. Three figures were divided by the number of messages: the growth of the event store’s folder in blocks used, the growth of PostgreSQL’s database (pg_database_size after a checkpoint, without the write-ahead log, which does not grow with the log), and the CPU of all processes except the generator.`,
        `Before all of this, on a fresh server, a third of ${effort.idleConnections} idle bots connected, then the rest. The memory of Verbatim’s own processes was read after each of the two steps, after forced collections; its growth was divided by the number of bots in the second step. Memory without connections was read after all loads.`,
      ]),
];
