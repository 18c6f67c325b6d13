import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { childEnvironment } from '#libs/platform/child-environment.js';
import type { BotHistory, Step } from '#tools/harness/checker/history.js';
import type { BotPlan, FromBot, Order } from './bot-orders.js';
import { unansweredIn } from './progress.js';

/** Resolved by name, so that it is found in the sources and in the build. */
const PROCESS = createRequire(import.meta.url).resolve(
  '#tools/hardening/phases/faults/killed-bot/bot.process.js',
);

/** Each process numbers its sendings from 1; this offset for each life keeps the numbers apart. */
const SENDINGS_A_LIFE = 1_000_000;

/**
 * A bot in a separate process that can be killed and started again. It relies on its stored cursors. The next process gets
 * the posts without an answer, as with a bot that keeps its outbox on disk.
 */
export class KillableBot {
  private readonly steps: Step[] = [];
  private child: ChildProcess | undefined;
  private lives = 0;
  private onHalfSent: (() => void) | undefined;

  constructor(
    private readonly options: BotPlan['options'],
    private readonly seed: number,
  ) {}

  get name(): string {
    return this.options.bot;
  }

  get history(): BotHistory {
    const { bot, resumes, memberSince } = this.options;
    return { bot, resumes, memberSince, steps: this.steps };
  }

  start(): void {
    this.lives += 1;
    const sendingsBefore = this.lives * SENDINGS_A_LIFE;
    const child = fork(PROCESS, { env: childEnvironment(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child = child;
    child.on('message', (message) => {
      const news = message as FromBot;
      if (news.type === 'half sent') this.onHalfSent?.();
      else this.steps.push(numbered(news.step, sendingsBefore));
    });
    const plan = { options: this.options, seed: this.seed, inherits: unansweredIn(this.steps) };
    this.order({ type: 'begin', plan });
  }

  order(order: Order): void {
    this.child?.send(order);
  }

  /** Resolves when half of a message has been sent; nothing more will follow. */
  sendHalf(channel: string): Promise<void> {
    return new Promise((resolve) => {
      this.onHalfSent = resolve;
      this.order({ type: 'send half', channel });
    });
  }

  /** Sends SIGKILL. Resolves when the process is gone and everything it reported has been read. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}

const numbered = (step: Step, from: number): Step =>
  'sending' in step ? { ...step, sending: from + step.sending } : step;
