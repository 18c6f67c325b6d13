import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { checkHistory } from '#tools/harness/checker/check-history.js';
import type { Logged, Violation } from '#tools/harness/checker/history.js';
import { RetentionRecord } from '#tools/harness/checker/retention-record.js';
import type { Times } from '#tools/harness/checker/retention-record.js';
import { Random } from '#tools/harness/random.js';
import { randomRule } from '#tools/harness/checker/random-rule.js';
import { SimulatedBot } from './simulated-bot.js';
import { SimulatedClock } from './simulated-clock.js';
import { SimulatedConnection } from './simulated-connection.js';
import type { Meddle } from './simulated-connection.js';
import { SimulatedGateway } from './simulated-gateway.js';
import { SimulatedLog } from './simulated-log.js';
import type { LogOptions } from './simulated-log.js';
import { SimulatedReadModel } from './simulated-read-model.js';

export type Planted = LogOptions & Readonly<{ meddleWith?: () => Meddle; requestsOvertake?: boolean }>;

export type Outcome = Readonly<{
  violations: readonly Violation[];
  messages: number;
  deliveries: number;
  happened: ReadonlyMap<string, number>;
}>;

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const CHANNELS = ['red', 'blue'];

/** After this long in peace, everybody must be answered and up to date. */
const PEACE_MS = 300_000;

/** Plays one random history of two gateways and their bots. The seed decides everything in it. */
export const playHistory = async (seed: number, planted: Planted = {}): Promise<Outcome> =>
  new History(seed, planted).play();

class History {
  private readonly random: Random;
  private readonly clock = new SimulatedClock(START);
  private readonly log: SimulatedLog;
  private readonly readModel: SimulatedReadModel;
  private readonly gateways: SimulatedGateway[];
  private readonly bots: SimulatedBot[];
  private readonly happened = new Map<string, number>();
  private readonly retention = new RetentionRecord();
  private readonly smallWindow: boolean;
  private readonly hasRetention: boolean;
  private connections = 0;
  private runs = 0;

  constructor(
    seed: number,
    private readonly planted: Planted,
  ) {
    this.random = new Random(seed);
    this.log = new SimulatedLog(this.clock, this.random, { ...planted, ...this.recording() });
    this.readModel = new SimulatedReadModel(this.log);
    this.smallWindow = this.random.chance(0.3);
    this.hasRetention = this.random.chance(0.5);
    this.gateways = [this.startGateway(), this.startGateway()];
    this.bots = ['ada', 'bob', 'cyd'].map((bot, index) => this.makeBot(bot, index));
  }

  async play(): Promise<Outcome> {
    for (const bot of this.bots) bot.come();
    await this.pass(200);
    const end = this.random.between(15, 40);
    for (let step = 0; step < end; step += 1) {
      this.somethingHappens();
      await this.pass(this.random.between(0, 120));
    }
    this.makePeace();
    const deadline = this.clock.now() + PEACE_MS;
    while (!this.isSettled() && this.clock.now() < deadline) await this.pass(200);
    await this.pass(1_000);
    return this.outcome();
  }

  private somethingHappens(): void {
    const what = this.pickHappening();
    this.happened.set(what.name, (this.happened.get(what.name) ?? 0) + 1);
    what.happen();
  }

  private pickHappening(): Happening {
    const all = this.happenings();
    let left = this.random.next() * all.reduce((sum, { weight }) => sum + weight, 0);
    return all.find(({ weight }) => (left -= weight) < 0) ?? all[0]!;
  }

  private happenings(): readonly Happening[] {
    const bot = this.random.pick(this.bots);
    const index = Math.floor(this.random.next() * this.gateways.length);
    const gateway = this.gateways[index]!;
    const later = (ms: number, call: () => void): void =>
      void this.clock.after(this.random.between(0, ms), call);
    return [
      { name: 'posts', weight: 40, happen: () => this.sayOften(bot) },
      { name: 'old post again', weight: this.hasRetention ? 12 : 4, happen: () => bot.repeat() },
      { name: 'cut', weight: 8, happen: () => bot.connection?.cut() },
      { name: 'second connection', weight: 3, happen: () => bot.comeAgain() },
      {
        name: 'reader paused',
        weight: 5,
        happen: () => {
          const { connection } = bot;
          connection?.pause(true);
          later(2_000, () => connection?.pause(false));
        },
      },
      {
        name: 'gateway killed',
        weight: 3,
        happen: () => {
          gateway.kill();
          this.gateways[index] = this.startGateway();
        },
      },
      {
        name: 'store crashed',
        weight: 3,
        happen: () => {
          this.log.crash();
          later(2_000, () => this.log.restart());
        },
      },
      {
        name: 'gateway cut off from the store',
        weight: 3,
        happen: () => {
          gateway.link.cut();
          later(2_000, () => gateway.link.heal());
        },
      },
      {
        name: 'read model away',
        weight: 2,
        happen: () => {
          this.readModel.isUp = false;
          this.readModel.lag = Math.floor(this.random.between(0, 20));
          later(1_000, () => (this.readModel.isUp = true));
          later(3_000, () => (this.readModel.lag = 0));
        },
      },
      {
        name: 'away a while',
        weight: this.hasRetention ? 8 : 0,
        happen: () => {
          bot.go();
          later(5_000, () => this.clock.now() < this.dayEnds || bot.come());
        },
      },
      { name: 'other retention', weight: this.hasRetention ? 8 : 0, happen: () => this.retainOtherwise() },
      { name: 'scavenge', weight: this.hasRetention ? 4 : 0, happen: () => this.scavenge() },
      { name: 'idle day', weight: 1, happen: () => this.idleDay() },
    ];
  }

  private retainOtherwise(): void {
    const stream = `messages-${this.random.pick(CHANNELS)}`;
    this.log.retain(stream, randomRule(this.random, this.log.stream(stream).length));
  }

  /** Only read models know ids that are gone from the log, so they must be up to date when the log is scavenged. */
  private scavenge(): void {
    if (this.log.isUp && this.readModel.isUp && this.readModel.lag === 0) this.log.scavenge();
  }

  private sayOften(bot: SimulatedBot): void {
    for (let left = Math.ceil(this.random.between(0, 6)); left > 0; left -= 1) bot.say();
  }

  private idleDay(): void {
    for (const bot of this.bots) {
      bot.go();
      this.clock.after(DAY_MS, () => bot.come());
    }
    this.dayPasses = true;
    this.dayEnds = this.clock.now() + DAY_MS;
  }

  private dayPasses = false;
  private dayEnds = 0;

  private makePeace(): void {
    this.log.restart();
    this.readModel.isUp = true;
    this.readModel.lag = 0;
    for (const gateway of this.gateways) gateway.link.heal();
    for (const bot of this.bots) {
      bot.connection?.pause(false);
      bot.come();
    }
  }

  private isSettled(): boolean {
    const heads = new Map(
      CHANNELS.map((channel) => [channel, this.log.stream(`messages-${channel}`).length - 1]),
    );
    return this.bots.every((bot) => bot.isSettled(heads));
  }

  /** Lets this much time pass, and with it everything that is due. */
  private async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms + (this.dayPasses ? DAY_MS : 0);
    this.dayPasses = false;
    this.clock.after(until - this.clock.now(), () => undefined);
    while (this.clock.step(until)) await settled();
  }

  private startGateway(): SimulatedGateway {
    this.runs += 1;
    return new SimulatedGateway(`gateway/${this.runs}`, {
      world: this.clock,
      log: this.log,
      readModel: this.readModel,
      random: this.random,
      channels: CHANNELS,
      smallWindow: this.smallWindow,
    });
  }

  private makeBot(bot: string, index: number): SimulatedBot {
    return new SimulatedBot({
      bot,
      resumes: index % 2 === 0 ? 'map' : 'stored',
      channels: CHANNELS,
      clock: this.clock,
      random: this.random,
      pipeline: 10,
      connect: (_bot, auth) => this.openConnection(auth),
    });
  }

  private openConnection(auth: object): SimulatedConnection | undefined {
    const ready = this.gateways.filter(({ isReady }) => isReady);
    if (ready.length === 0) return undefined;
    const gateway = this.random.pick(ready);
    this.connections += 1;
    const connection = new SimulatedConnection(
      this.connections,
      this.clock,
      gateway.clock,
      this.random,
      gateway.socketRooms,
      this.planted.meddleWith?.(),
    );
    connection.requestsOvertake = this.planted.requestsOvertake ?? false;
    gateway.connected(connection, auth, this.random.between(0, 10));
    return connection;
  }

  private recording(): LogOptions {
    const now = (): Times => ({ since: this.clock.now(), until: this.clock.now() });
    return {
      onRule: (stream, rule) => this.retention.set(stream.slice('messages-'.length), rule, now()),
      onScavenge: () => this.retention.scavenged(now()),
    };
  }

  private outcome(): Outcome {
    const histories = this.bots.map(({ history }) => history);
    const messages = this.log.events.filter(({ stream }) => stream.startsWith('messages-')).map(toLogged);
    const deliveries = histories
      .flatMap(({ steps }) => steps)
      .filter(({ type }) => type === 'received').length;
    return {
      // Where old ids are looked up, a post may be put off and the next one accepted, and the bot may be cut off before
      // it learns that.
      violations: checkHistory(histories, messages, {
        refusalsGetLost: this.smallWindow,
        retention: this.retention,
      }),
      messages: messages.length,
      deliveries,
      happened: this.happened,
    };
  }
}

type Happening = Readonly<{ name: string; weight: number; happen: () => void }>;

const toLogged = ({ revision, at, data }: SimulatedLog['events'][number]): Logged => {
  const { bot, id, channel, body } = data as ConversationEvent['data'] & { body: string };
  return { channel, seq: revision, bot, id, body, at: at.getTime() };
};

/** Resolves when everything that follows from the last event has been done, except what needs time to pass. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
