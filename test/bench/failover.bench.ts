import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import { StandInCluster } from '#tools/harness/cluster/stand-in-cluster.js';
import { median, round } from '#tools/harness/measure/statistics.js';
import { startRoles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { printTable, say } from './harness/results.js';

export type FailoverOptions = Readonly<{ runs: number }>;

const CHANNEL = 'general';
const EVERY_MS = 20;
const CALM_MS = 2_000;
const PATIENCE_MS = 60_000;

/** Milliseconds from the fault until bots no longer notice it, and the longest wait after the old leader is back. */
type Round = Readonly<{ acknowledged: number; delivered: number; gap: number }>;

type Bots = Readonly<{ poster: TestBot; reader: TestBot }>;

/** Posts a message every few ms without waiting for answers, and records when each post was answered and delivered. */
class SteadyPosts {
  /** When each post was sent and when it was answered. */
  private readonly answers: { posted: number; answered: number }[] = [];
  private readonly arrivals: { posted: number; arrived: number }[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly bots: Bots) {
    bots.reader.socket.on('message', this.note);
    this.timer = setInterval(() => void this.post(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.bots.reader.socket.off('message', this.note);
  }

  /** Resolves with how long it took until a message posted after this moment was answered and delivered. */
  async firstAfter(moment: number): Promise<{ acknowledged: number; delivered: number }> {
    const [answer, arrival] = await Promise.all([
      waitFor('an answer', () => this.answers.find(({ posted }) => posted >= moment), PATIENCE_MS, 2),
      waitFor('a message', () => this.arrivals.find(({ posted }) => posted >= moment), PATIENCE_MS, 2),
    ]);
    return { acknowledged: answer.answered - moment, delivered: arrival.arrived - moment };
  }

  /** Returns the longest time since this moment in which nothing was answered. */
  longestGapSince(moment: number): number {
    const times = this.answers.map(({ answered }) => answered).filter((at) => at >= moment);
    return Math.max(...[...times, performance.now()].map((at, index) => at - (times[index - 1] ?? moment)));
  }

  private async post(): Promise<void> {
    const posted = performance.now();
    const post = { id: uuidv7(), channel: CHANNEL, body: String(posted) };
    const reply = (await this.bots.poster.socket
      .timeout(PATIENCE_MS)
      .emitWithAck('post', post)
      .catch(() => ({ ok: false }))) as Reply;
    if (reply.ok) this.answers.push({ posted, answered: performance.now() });
  }

  private readonly note = ({ body }: { body: string }): void => {
    this.arrivals.push({ posted: Number(body), arrived: performance.now() });
  };
}

type Fault = Readonly<{ cause(cluster: StandInCluster): void; mend(cluster: StandInCluster): Promise<void> }>;

const faultsOf = (old: number): Readonly<Record<string, Fault>> => ({
  'leader killed': {
    cause: (cluster) => void cluster.kill(old),
    mend: (cluster) => cluster.startMember(old),
  },
  'leader frozen': {
    cause: (cluster) => cluster.freeze(old),
    mend: async (cluster) => cluster.thaw(old),
  },
  'leader no longer leads': {
    cause: (cluster) => void cluster.giveLead((old + 1) % cluster.ports.length),
    mend: async () => undefined,
  },
});

/**
 * Measures a gateway on a cluster whose leader is killed, frozen or loses the lead: how long until a post made after
 * that is acknowledged and delivered, and what the return of the leader costs.
 */
export const failover = async ({ runs }: FailoverOptions): Promise<object> => {
  const cluster = await StandInCluster.start();
  const roles = await startRoles({
    gateways: 1,
    admins: 1,
    env: { VERBATIM_EVENTSTORE_URL: cluster.connectionString, VERBATIM_RATE_LIMIT: '10000' },
  });
  const results: Record<string, Round[]> = {};
  try {
    const gateway = roles.gateways[0]!;
    const keys = { poster: await gateway.api.createBot('alice'), reader: await gateway.api.createBot('bob') };
    for (const bot of ['alice', 'bob']) await gateway.api.addMember(CHANNEL, bot);
    for (const name of Object.keys(faultsOf(0))) {
      results[name] = [];
      for (let run = 0; run < runs; run += 1) {
        await gateway.process.kill(); // so that each round begins with calls that go to the leader
        await gateway.process.start();
        const one = await playRound(name, cluster, {
          poster: await TestBot.connect(gateway.api.url, { key: keys.poster }),
          reader: await TestBot.connect(gateway.api.url, { key: keys.reader }),
        });
        say(
          `${name}: ${Object.values(one)
            .map((ms) => round(ms, 0))
            .join(' ')}`,
        );
        results[name].push(one);
      }
    }
  } finally {
    await roles.remove();
    await cluster.remove();
  }
  printTable(
    `After a fault of the leader, ${runs} rounds each (ms)`,
    Object.entries(results).map(([what, rounds]) => rowOf(what, rounds)),
  );
  return results;
};

const playRound = async (name: string, cluster: StandInCluster, bots: Bots): Promise<Round> => {
  const posts = new SteadyPosts(bots);
  try {
    await posts.firstAfter(performance.now());
    await sleep(CALM_MS + Math.random() * 1_000);
    const old = cluster.leader;
    const fault = faultsOf(old)[name]!;
    const moment = performance.now();
    fault.cause(cluster);
    const first = await posts.firstAfter(moment);
    await cluster.untilSomeoneLeads(old);
    await sleep(CALM_MS);
    const returned = performance.now();
    await fault.mend(cluster);
    await sleep(2 * CALM_MS);
    return { ...first, gap: posts.longestGapSince(returned) };
  } finally {
    posts.stop();
    for (const bot of Object.values(bots)) bot.close();
  }
};

const rowOf = (what: string, rounds: readonly Round[]) => {
  const [acknowledged, delivered, gap] = (['acknowledged', 'delivered', 'gap'] as const).map((key) => {
    const values = rounds.map((one) => one[key]);
    return `${round(median(values), 0)} / ${round(Math.max(...values), 0)}`;
  });
  return {
    what,
    'first post acknowledged, median / worst': acknowledged!,
    'first message delivered': delivered!,
    'longest wait after its return': gap!,
  };
};
