import { Crew } from '#tools/harness/bots/crew.js';
import type { FaultBot } from '#tools/harness/bots/fault-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import { listenToPresence, statesOf } from '../presence.js';
import type { Told } from '../presence.js';
import { enroll } from '../stage.js';
import type { Stage } from '../stage.js';
import type { KilledBotSeen, KillSeen } from './judge-killed-bot.js';
import { KillableBot } from './killable-bot.js';
import { isBack, unansweredIn } from './progress.js';

const OTHERS = { bots: 6, channels: 2, channelsPerBot: 2, postsPerSecond: 10 };
/** Far longer than the targets, so that a late result is measured and not cut off. */
const PATIENCE_MS = 15_000;

/** An order takes a moment to reach the other process. */
const SILENT_AFTER_MS = 100;

const MOMENTS = ['in the middle of a message', 'while posts were under way', 'between two posts'] as const;
type Moment = (typeof MOMENTS)[number];

/** Kills a bot's process at three kinds of moments, and observes the other bots, the system and the bot itself. */
export const killABot = async (stage: Stage): Promise<KilledBotSeen> => {
  const scene = await Scene.set(stage);
  try {
    const kills: KillSeen[] = [];
    for (const moment of MOMENTS) {
      stage.tell(`a bot is killed ${moment}`);
      kills.push(await scene.kill(moment));
    }
    await scene.settle();
    const afterTheEnd = await scene.end();
    return { ...(await scene.seen()), kills, afterTheEnd };
  } finally {
    await scene.close();
  }
};

/** Holds the bot that is killed and the other bots in its channels. */
class Scene {
  private constructor(
    private readonly stage: Stage,
    private readonly crew: Crew,
    private readonly victim: KillableBot,
    private readonly told: readonly (readonly Told[])[],
  ) {}

  static async set(stage: Stage): Promise<Scene> {
    const { api, front, prefix, random } = stage;
    const crew = await Crew.gather(api, random, { ...OTHERS, prefix }, front.url);
    const channels = crew.bots[0]!.channels;
    const member = await enroll(stage, `${prefix}victim`, channels);
    const victim = new KillableBot({ ...member, url: front.url, resumes: 'stored' }, random.fork().seed);
    const scene = new Scene(stage, crew, victim, crew.bots.map(listenToPresence));
    crew.talk();
    await scene.startVictim();
    return scene;
  }

  async kill(moment: Moment): Promise<KillSeen> {
    await this.prepare(moment);
    const killedAt = performance.now();
    await this.victim.kill();
    const told = await this.untilTold(killedAt);
    const noticedMs = performance.now() - killedAt;
    const gone = await this.states('offline');
    const startedAt = performance.now();
    const isBackAgain = await this.startVictim();
    // Counts as if it had been started when its end was noticed: the time our own questions take is not the system's.
    const backMs = isBackAgain ? noticedMs + performance.now() - startedAt : Infinity;
    return { moment, told, gone, backMs, back: await this.states('online') };
  }

  /** All bots fall silent and wait for every message. A message still missing after the patience is left to the judge. */
  async settle(): Promise<void> {
    this.victim.order({ type: 'fall silent' });
    await this.crew.settle(PATIENCE_MS);
    const heads = headsOf(this.crew);
    await waitFor('the bot to have all', () => isBack(this.steps, heads), PATIENCE_MS).catch(() => undefined);
  }

  /** Ends the bot for good: no connection of an earlier process may keep it online. */
  async end(): Promise<KilledBotSeen['afterTheEnd']> {
    await this.victim.kill();
    return this.states('offline');
  }

  async seen(): Promise<Pick<KilledBotSeen, 'others' | 'saw'>> {
    const { crew, stage, victim } = this;
    return {
      others: {
        bots: crew.bots.length,
        reconnections: crew.count('connected') - crew.bots.length,
        putOff: crew.count('put-off'),
        answered: crew.count('answered'),
      },
      saw: await withLog(stage, [...crew.histories, victim.history], crew.bots),
    };
  }

  async close(): Promise<void> {
    this.crew.close();
    await this.victim.kill();
  }

  private async prepare(moment: Moment): Promise<void> {
    if (moment === 'while posts were under way') {
      const before = this.count('posting');
      this.victim.order({ type: 'talk', perSecond: 150 });
      await waitFor('posts under way', () => this.count('posting') > before + 50, PATIENCE_MS, 1);
      return;
    }
    await this.quiet();
    if (moment === 'in the middle of a message') await this.victim.sendHalf(this.watcher.channels[0]!);
  }

  private async quiet(): Promise<void> {
    this.victim.order({ type: 'fall silent' });
    const begin = performance.now();
    const isQuiet = (): boolean =>
      performance.now() > begin + SILENT_AFTER_MS && unansweredIn(this.steps).length === 0;
    await waitFor('the bot to have all answers', isQuiet, PATIENCE_MS);
  }

  /** Starts the bot. @returns whether it came back and had every message within the patience */
  private async startVictim(): Promise<boolean> {
    const heads = headsOf(this.crew);
    const before = this.count('connected');
    this.victim.start();
    const back = (): boolean => this.count('connected') > before && isBack(this.steps, heads);
    return waitFor('the bot to be back', back, PATIENCE_MS, 5).then(
      () => true,
      () => false, // the lateness is judged later
    );
  }

  private async untilTold(killedAt: number): Promise<KillSeen['told']> {
    const offline = (told: readonly Told[]): Told | undefined =>
      told.find(({ bot, state, at }) => bot === this.victim.name && state === 'offline' && at >= killedAt);
    await waitFor('all to be told', () => this.told.every(offline), PATIENCE_MS, 5).catch(() => undefined);
    return this.told.map((told) => {
      const news = offline(told);
      return { ms: news ? news.at - killedAt : Infinity, reason: news?.reason ?? 'never told' };
    });
  }

  private states(awaited: string): Promise<KillSeen['gone']> {
    return statesOf(this.stage, this.watcher, this.watcher.channels[0]!, this.victim.name, awaited);
  }

  private count(type: 'connected' | 'posting'): number {
    return this.steps.filter((step) => step.type === type).length;
  }

  private get steps() {
    return this.victim.history.steps;
  }

  private get watcher(): FaultBot {
    return this.crew.bots[0]!;
  }
}

const headsOf = (crew: Crew): Readonly<Record<string, number>> => Object.fromEntries(crew.highestAnswered());
