import type { VerbatimApi } from '../system/verbatim-api.js';
import { waitFor } from '../wait-for.js';
import type { CrewBot } from './crew-bot.js';
import { FaultBot } from './fault-bot.js';
import type { FaultBotOptions } from './fault-bot.js';
import type { BotHistory, Step } from '../checker/history.js';
import type { Random } from '../random.js';

export type CrewSize = Readonly<{
  bots: number;
  channels: number;
  /** Default: each bot misses one of the channels. */
  channelsPerBot?: number;
  postsPerSecond: number;
  /** The start of all names, where other crews may use the same ones. */
  prefix?: string;
  onStep?(step: Step): void;
}>;

/** The usual load: every channel has most of the bots, every bot most of the channels. */
const TEN_BOTS: CrewSize = { bots: 10, channels: 3, postsPerSecond: 50 };

/** A group of bots that post all the time. Every second one relies on its stored cursors. */
export class Crew<Bot extends CrewBot = FaultBot> {
  private constructor(
    readonly bots: readonly Bot[],
    private readonly postsPerSecond: number,
    private readonly random: Random,
  ) {}

  /**
   * Registers bots and new channels in a running system, and connects the bots at `url`, by default the system's own
   * address.
   */
  static gather(
    system: VerbatimApi,
    random: Random,
    size: CrewSize = TEN_BOTS,
    url = system.url,
  ): Promise<Crew> {
    return Crew.gatherOf((options) => new FaultBot(options), system, random, size, url);
  }

  /** Does the same with bots that `make` creates. @param make also gets the number of the bot, from 0 */
  static async gatherOf<Bot extends CrewBot>(
    make: (options: FaultBotOptions, index: number) => Bot,
    system: VerbatimApi,
    random: Random,
    size: CrewSize,
    url: string,
  ): Promise<Crew<Bot>> {
    const { prefix = '', onStep } = size;
    const channels = Array.from({ length: size.channels }, (_, index) => `${prefix}channel-${index}`);
    for (const channel of channels) await system.createChannel(channel);
    const bots: Bot[] = [];
    for (let index = 0; index < size.bots; index += 1) {
      const bot = `${prefix}bot-${index}`;
      const key = await system.createBot(bot);
      const own = channelsOf(index, channels, size);
      for (const channel of own) await system.addMember(channel, bot);
      const memberSince = Object.fromEntries(own.map((channel) => [channel, -1]));
      const resumes = index % 2 === 0 ? 'map' : 'stored';
      bots.push(
        make(
          { url, bot, key, resumes, memberSince, random: random.fork(), ...(onStep && { onStep }) },
          index,
        ),
      );
    }
    const crew = new Crew(bots, size.postsPerSecond, random.fork());
    for (const bot of bots) bot.connect();
    await crew.allAtWork();
    return crew;
  }

  get histories(): readonly BotHistory[] {
    return this.bots.map(({ history }) => history);
  }

  get channels(): readonly string[] {
    return [...this.highestAnswered().keys()].toSorted();
  }

  talk(): void {
    for (const bot of this.bots) bot.talk(this.postsPerSecond);
  }

  async allAtWork(withinMs = 20_000): Promise<void> {
    await waitFor('all bots to be connected', () => this.bots.every(({ atWork }) => atWork), withinMs);
  }

  /**
   * Falls silent, sends some old messages again, and waits until every post is answered and every bot has every answered
   * message. Does not fail after the deadline: the checker reports what is missing.
   */
  async settle(withinMs = 30_000): Promise<void> {
    for (const bot of this.bots) {
      bot.fallSilent();
      bot.repeatSome(20);
    }
    const answered = (): boolean => this.bots.every(({ unanswered }) => unanswered === 0);
    await waitFor('all answers', answered, withinMs).catch(() => undefined);
    const heads = this.highestAnswered();
    const level = (): boolean =>
      this.bots.every((bot) => [...heads].every(([channel, seq]) => bot.lastSeen(channel) >= seq));
    await waitFor('all bots to be level', level, withinMs).catch(() => undefined);
  }

  /** A share of the bots sends its unanswered posts, and some answered ones, once more in other ways. */
  async storm(share: number, urls: readonly string[]): Promise<void> {
    const able = this.bots.filter((bot) => bot.storm !== undefined);
    const bots = this.random.shuffled(able).slice(0, Math.ceil(able.length * share));
    await Promise.all(bots.map(async (bot) => bot.storm?.(urls)));
  }

  /**
   * Resolves when each of these bots is connected and has every message that was answered before this call.
   * @param of default: every bot
   */
  async level(withinMs: number, of: (bot: Bot) => boolean = () => true): Promise<void> {
    const heads = [...this.highestAnswered()];
    const bots = this.bots.filter(of);
    await waitFor(
      'all bots to be level',
      () => bots.every((bot) => bot.atWork && heads.every(([channel, seq]) => bot.lastSeen(channel) >= seq)),
      withinMs,
      10,
    );
  }

  close(): void {
    for (const bot of this.bots) bot.close();
  }

  /** Counts the steps of a type, because a run in which nothing happened proves nothing. */
  count(type: BotHistory['steps'][number]['type']): number {
    return this.histories.reduce(
      (sum, { steps }) => sum + steps.filter((step) => step.type === type).length,
      0,
    );
  }

  /** Returns the highest acknowledged seq of each channel. */
  highestAnswered(): ReadonlyMap<string, number> {
    const heads = new Map<string, number>();
    for (const { steps } of this.histories) {
      for (const step of steps) {
        if (step.type === 'answered')
          heads.set(step.channel, Math.max(step.seq, heads.get(step.channel) ?? -1));
      }
    }
    return heads;
  }
}

const channelsOf = (
  bot: number,
  channels: readonly string[],
  { channelsPerBot = channels.length - 1 }: CrewSize,
): readonly string[] => {
  const count = Math.max(1, channelsPerBot);
  return channels.filter(
    (_, place) => (place - bot - 1 + channels.length * (bot + 1)) % channels.length < count,
  );
};
