import { Inject, Injectable } from '@nestjs/common';
import { planPresence } from '#libs/domain/presence/presence-plan.js';
import { Backoff } from '#libs/event-store/backoff.js';
import { WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Allowances } from '#libs/platform/limits/allowances.js';
import { INSTANCE } from '../instance/instance.js';
import { HeldBot } from './held-bot.js';
import type { Holder } from './held-bot.js';
import { PresenceBoard } from './presence-board.js';
import type { PresenceChange } from './presence-board.js';
import { PresenceStreams } from './presence-streams.js';

const RECORD = new Boundary('presence.record');

/** Bots whose streams are written at once: thousands that come together must not push messages aside. */
const WRITERS = 16;
/** How often the log is told of a bot that comes and goes: at once, and then a second. */
const PACE = { rate: 0.5, burst: 16 };
/** How long a graceful stop waits for the log to hear of those who had to go. */
const STOP_MS = 5_000;

/**
 * Keeps the log in agreement with the connections that this gateway holds. It compares rather than reports: for a bot
 * whose connections differ from what the log shows, the difference is appended, at the revision it was made against,
 * until there is none. So a store that is away, a conflict or a lost answer need no care of their own, and what came
 * and went before its turn leaves no trace.
 */
@Injectable()
export class PresenceRecorder {
  private readonly held = new Map<string, HeldBot>();
  /** Bots to be looked at, each once, in order. */
  private readonly due = new Set<string>();
  private readonly writing = new Set<string>();
  /** Bots whose streams have moved further than the log has brought: up to which revision. */
  private readonly awaited = new Map<string, number>();
  private readonly lost = new Set<string>();
  private readonly pace = new Allowances(PACE);
  /** Bots that are looked at later: what came and went by then leaves no trace. */
  private readonly later = new Map<string, NodeJS.Timeout>();
  private readonly backoff = new Backoff();
  private paused: NodeJS.Timeout | undefined;
  private stopping = false;
  private closed = false;
  private done = 0;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly board: PresenceBoard,
    @Inject(PresenceStreams) private readonly streams: Pick<PresenceStreams, 'append'>,
    @Inject(INSTANCE) private readonly gateway: string,
  ) {}

  connected(holder: Holder): void {
    if (this.stopping) return;
    const bot = this.held.get(holder.bot) ?? new HeldBot();
    this.held.set(holder.bot, bot);
    bot.connected(holder);
    this.lookAtBot(holder.bot);
  }

  /** `reason`: a code, see the protocol. */
  disconnected({ bot, connection }: Holder, reason: string): void {
    this.held.get(bot)?.disconnected(connection, reason);
    this.lookAtBot(bot);
  }

  /** Bots whose connections the log does not show yet, and how many times it was told. */
  marks(): Marks {
    return { waiting: this.due.size + this.writing.size + this.awaited.size, done: this.done };
  }

  /** Ids of the bot's connections here. */
  connectionsOf(bot: string): readonly string[] {
    return this.held.get(bot)?.connections() ?? [];
  }

  /** Resolves once the log shows this connection, or it has ended. */
  announced({ bot, connection }: Holder): Promise<void> {
    return this.held.get(bot)?.announced(connection) ?? Promise.resolve();
  }

  /** The log brought an event of a bot's presence. */
  changed({ bot, after }: PresenceChange): void {
    if (after.revision >= (this.awaited.get(bot) ?? 0)) {
      this.awaited.delete(bot);
      this.done += 1;
    }
    this.lookAtBot(bot);
    this.sayIfIdle();
  }

  /** Nobody hears of this gateway any more: what it had open is closed. */
  gatewayLost(gateway: string): void {
    this.lost.add(gateway);
    for (const bot of this.board.botsAt(gateway)) this.lookAtBot(bot);
  }

  gatewayHeard(gateway: string): void {
    this.lost.delete(gateway);
  }

  /** Closes what is open here and takes nothing more. What could not be written in time others close. */
  async stopRecording(reason: string): Promise<void> {
    this.stopping = true;
    for (const timer of this.later.values()) clearTimeout(timer);
    for (const [bot, held] of this.held) {
      held.endAll(reason);
      this.lookAtBot(bot);
    }
    let late: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (late = setTimeout(resolve, STOP_MS)));
    const idle = new Promise<void>((resolve) => this.whenIdle.push(resolve));
    this.sayIfIdle();
    await Promise.race([idle, tooLate]);
    clearTimeout(late);
    clearTimeout(this.paused);
    this.closed = true;
  }

  private lookAtBot(bot: string): void {
    const recorded = this.board.presenceOf(bot);
    const held = this.held.get(bot);
    held?.compare(recorded);
    if (this.writing.has(bot) || this.awaited.has(bot)) return;
    held?.forgetClosed(recorded);
    if (held?.isEmpty) this.held.delete(bot);
    const concerned =
      this.held.has(bot) ||
      recorded.connections.some(({ gateway }) => gateway === this.gateway || this.lost.has(gateway));
    if (concerned) this.due.add(bot);
    this.write();
  }

  private write(): void {
    for (const bot of this.due) {
      if (this.closed || this.paused !== undefined || this.writing.size >= WRITERS) return;
      this.due.delete(bot);
      RECORD.run(
        () => this.record(bot),
        () => this.again(bot),
      );
    }
    this.sayIfIdle();
  }

  private async record(bot: string): Promise<void> {
    const recorded = this.board.presenceOf(bot);
    const held = this.held.get(bot);
    const { gateway, lost } = this;
    const view = held?.view() ?? { live: [], ended: new Map<string, string>() };
    const { events, superseded } = planPresence(bot, view, recorded, { gateway, lost });
    for (const holder of held?.holders(superseded) ?? []) holder.supersede();
    if (events.length === 0 || this.isPutOff(bot)) return;
    this.writing.add(bot);
    try {
      this.await(bot, await this.streams.append(bot, events, recorded.revision));
      this.done += 1;
      this.backoff.reset();
    } catch (error) {
      // After a conflict the log brings what the other one wrote, and the comparison is made again.
      if (error instanceof WrongExpectedRevision) this.await(bot, recorded.revision + 1);
      else this.pause();
    }
    this.writing.delete(bot);
    this.lookAtBot(bot);
  }

  private isPutOff(bot: string): boolean {
    if (this.stopping) return false;
    if (this.later.has(bot)) return true;
    const wait = this.pace.allowanceOf(bot).takeTokens(1);
    if (wait === 0) return false;
    const look = RECORD.guard(
      () => {
        this.later.delete(bot);
        this.lookAtBot(bot);
      },
      () => {
        this.later.delete(bot);
        this.again(bot);
      },
    );
    const timer = setTimeout(look, wait).unref();
    this.later.set(bot, timer);
    return true;
  }

  /** After a fault: later, from the comparison on. */
  private again(bot: string): void {
    this.writing.delete(bot);
    this.due.add(bot);
    this.pause();
  }

  private await(bot: string, revision: number): void {
    if (this.board.presenceOf(bot).revision < revision) this.awaited.set(bot, revision);
  }

  private pause(): void {
    if (this.closed) return;
    const write = RECORD.guard(
      () => {
        this.paused = undefined;
        this.write();
      },
      () => {
        this.paused = undefined;
        this.pause();
      },
    );
    this.paused ??= setTimeout(write, this.backoff.next());
  }

  private sayIfIdle(): void {
    if (this.due.size > 0 || this.writing.size > 0 || this.awaited.size > 0) return;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}
