import { setTimeout as pause } from 'node:timers/promises';
import { Crew } from '#tools/harness/bots/crew.js';
import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import { enroll, headersFor, openNetwork } from '../stage.js';
import type { Stage } from '../stage.js';
import type { LossSeen, LostConnectionsSeen } from './judge-lost-connections.js';

const WRITERS = { bots: 2, channels: 2, channelsPerBot: 2, postsPerSecond: 100 };
const READERS = 6;
const ROUNDS = 3;
/** Far longer than the target, so that a late result is measured and not cut off. */
const PATIENCE_MS = 30_000;

/** The defaults of Socket.IO's client, so that nobody has to set anything. */
const AS_IT_COMES = { reconnectionDelay: 1_000, reconnectionDelayMax: 5_000 };

/**
 * Resets the connections of bots several times while others go on posting. Observes how soon the bots are back through
 * Socket.IO's own reconnection alone, what they are told, and whether they receive what they missed.
 */
export const loseConnections = async (stage: Stage, rounds = ROUNDS): Promise<LostConnectionsSeen> => {
  const { api, front, prefix, random } = stage;
  const writers = await Crew.gather(api, random, { ...WRITERS, prefix }, front.url);
  const network = await openNetwork(stage);
  const readers: Reader[] = [];
  try {
    for (let index = 0; index < READERS; index += 1)
      readers.push(
        await Reader.come(stage, network, `${prefix}reader-${index}`, writers.bots[0]!.channels, index),
      );
    await waitFor('the readers to be connected', () => readers.every(({ bot }) => bot.atWork), PATIENCE_MS);
    writers.talk();
    const losses: LossSeen[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      stage.tell(`connections are lost, ${round} of ${rounds}`);
      await pause(500); // lets some load pass between two cuts
      for (const reader of readers) reader.lose();
      network.cut(1);
      await waitFor('all to be back', () => readers.every((reader) => reader.isBack), PATIENCE_MS, 5).catch(
        () => undefined,
      );
      losses.push(...readers.map((reader) => reader.seen()));
    }
    await writers.settle(PATIENCE_MS);
    const bots = readers.map(({ bot }) => bot);
    await level(bots, writers);
    return {
      losses,
      saw: await withLog(stage, [...writers.histories, ...bots.map(({ history }) => history)], writers.bots),
    };
  } finally {
    for (const { bot } of readers) bot.close();
    writers.close();
    await network.close();
  }
};

/** A bot behind the network that records what happens after a loss. */
class Reader {
  private lostAt = Infinity;
  private readyAt = Infinity;
  private readonly caughtUpAt = new Map<string, number>();
  /** Number of backlog messages since the last loss. */
  private backlog = 0;

  private constructor(readonly bot: FaultBot) {
    bot.hear('ready', () => (this.readyAt = performance.now()));
    bot.hear('caughtup', ({ channel }) => this.caughtUpAt.set(String(channel), performance.now()));
    bot.hear('backlog', ({ messages }) => (this.backlog += (messages as readonly unknown[]).length));
  }

  /** Connects a new reader. Every second one relies on its stored cursors. */
  static async come(
    stage: Stage,
    network: UnrulyNetwork,
    name: string,
    channels: readonly string[],
    index: number,
  ): Promise<Reader> {
    const bot = new FaultBot({
      ...(await enroll(stage, name, channels)),
      url: network.url,
      headers: headersFor(stage),
      resumes: index % 2 === 0 ? 'map' : 'stored',
      reconnection: AS_IT_COMES,
      random: stage.random.fork(),
    });
    const reader = new Reader(bot);
    bot.connect();
    return reader;
  }

  lose(): void {
    this.lostAt = performance.now();
    this.readyAt = Infinity;
    this.caughtUpAt.clear();
    this.backlog = 0;
  }

  get isBack(): boolean {
    return this.readyAt > this.lostAt && this.caughtUpAt.size === this.bot.channels.length;
  }

  seen(): LossSeen {
    const last = Math.max(...this.bot.channels.map((channel) => this.caughtUpAt.get(channel) ?? Infinity));
    return { readyMs: this.readyAt - this.lostAt, caughtUpMs: last - this.lostAt, backlog: this.backlog };
  }
}

/** Waits until the bots have every message. If one is still missing after the patience, the checker reports it. */
const level = async (bots: readonly FaultBot[], writers: Crew): Promise<unknown> => {
  const heads = [...writers.highestAnswered()];
  return waitFor(
    'the readers to have all',
    () => bots.every((bot) => heads.every(([channel, seq]) => bot.lastSeen(channel) >= seq)),
    PATIENCE_MS,
  ).catch(() => undefined);
};
