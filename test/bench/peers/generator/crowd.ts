import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '#tools/harness/wait-for.js';
import type { BotClient, Stamp } from '../clients/bot-client.js';
import { makeClient } from '../clients/make-client.js';
import { DeliveryCheck, type Verdict } from '../figures/delivery-check.js';
import type { MeasuredWindow } from './measured-window.js';
import type { GeneratorPlan, ReturnFigures } from './orders.js';

/** How many bots connect at once, where it is not the crowd that is measured. */
const AT_ONCE = 20;

/** The bots of one generator, with the check of all they send and receive. */
export class Crowd {
  /** What is measured now, if anything. */
  window: MeasuredWindow | undefined;
  private readonly clients: readonly BotClient[];
  private readonly check: DeliveryCheck;
  private readonly body: string;
  /** Posts under way of each bot. A cut gives them up. */
  private readonly underWay: Map<number, Set<number>>;

  constructor(plan: GeneratorPlan) {
    this.check = new DeliveryCheck(plan.bots.map(({ channel }) => channel));
    this.body = 'x'.repeat(plan.bodyBytes);
    this.underWay = new Map(plan.bots.map((_, bot) => [bot, new Set()]));
    this.clients = plan.bots.map(({ channel, auth }, bot) =>
      makeClient(plan.client, {
        url: plan.url,
        channel,
        auth,
        receive: (stamp) => this.receive(bot, stamp),
      }),
    );
  }

  async connect(bots: readonly number[]): Promise<void> {
    const left = bots.values();
    const inTurn = async (): Promise<void> => {
      for (const bot of left) await this.clients[bot]!.connect();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  }

  /** Posts one message. `settled` is called when it is answered, or its connection cut. */
  post(sender: number, settled: (error?: string) => void = () => undefined): void {
    const n = this.check.notePost(sender);
    const data = { sender, n, sentAt: performance.now() };
    const underWay = this.underWay.get(sender)!;
    underWay.add(n);
    this.clients[sender]!.post({ body: this.body, data }, (error) => {
      if (!underWay.delete(n)) return;
      if (error === undefined) this.check.noteAcknowledged(sender, n);
      else this.check.noteUnanswered(sender);
      this.window?.noteSettled(performance.now(), data.sentAt, error);
      settled(error);
    });
  }

  cut(bots: readonly number[]): void {
    for (const bot of bots) {
      this.clients[bot]!.cut();
      const underWay = this.underWay.get(bot)!;
      for (const _ of underWay) this.check.noteUnanswered(bot);
      underWay.clear();
    }
  }

  /** Reconnects all at once, and waits for each to reach what is acknowledged at this moment. */
  async comeBack(bots: readonly number[], patienceMs: number): Promise<ReturnFigures> {
    const goals = new Map(bots.map((bot) => [bot, this.check.goalOf(bot)]));
    const began = performance.now();
    const isLevel = (): boolean => {
      for (const [bot, goal] of goals) if (this.check.hasReached(bot, goal)) goals.delete(bot);
      return goals.size === 0;
    };
    const back = Promise.all(bots.map((bot) => this.clients[bot]!.comeBack()));
    await Promise.all([back, waitFor('all to be level', isLevel, patienceMs, 2).catch(() => undefined)]);
    return { levelMs: performance.now() - began, behind: goals.size };
  }

  /**
   * Tries to come back and to post, again and again, until a post is acknowledged.
   *
   * @returns the moment of that, as of `Date.now`
   */
  async firstPost(bot: number, patienceMs: number): Promise<number> {
    await waitFor('a connection', () => this.triesToComeBack(bot), patienceMs, 5);
    const attempt = (): Promise<boolean> =>
      new Promise((resolve) => this.post(bot, (error) => resolve(error === undefined)));
    await waitFor('an acknowledged post', attempt, patienceMs, 5);
    return performance.timeOrigin + performance.now();
  }

  /** Waits for what is still to be delivered, at most this long. */
  async settle(patienceMs: number): Promise<Verdict> {
    const isSettled = (): boolean =>
      this.check.outstanding <= 0 && [...this.underWay.values()].every(({ size }) => size === 0);
    await waitFor('all deliveries', isSettled, patienceMs).catch(() => undefined);
    // What comes twice may come late.
    await pause(100);
    return this.check.verdict();
  }

  verdictOf(bots: readonly number[]): Verdict {
    return this.check.verdict(bots);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  private triesToComeBack(bot: number): Promise<boolean> {
    return this.clients[bot]!.comeBack().then(
      () => true,
      () => false,
    );
  }

  private receive(bot: number, { sender, n, sentAt }: Stamp): void {
    this.check.noteReceived(bot, sender, n);
    this.window?.noteDelivered(performance.now(), sentAt);
  }
}
