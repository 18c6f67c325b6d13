import { Inject, Injectable } from '@nestjs/common';
import { planPresence } from '#libs/domain/presence/presence-plan.js';
import { Backoff } from '#libs/time/backoff.js';
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
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';
import { endsWithin } from '#libs/time/deadline.js';

const RECORD = new Boundary('presence.record');

/** How many bots' streams are written at once. Thousands of bots that connect together must not delay messages. */
const WRITERS = 16;
/** How often a bot that comes and goes is recorded: at once (`burst`), and how often a second after that (`rate`). */
const PACE = { rate: 0.5, burst: 16 };
/** Milliseconds that a graceful stop waits until the log shows that the remaining connections have ended. */
const STOP_MS = 5_000;

/**
 * Keeps the log in agreement with the connections that this gateway holds. It compares instead of reporting single
 * changes: for a bot whose connections differ from what the log shows, it appends the difference, at the revision it
 * was computed against, until there is none. So an unreachable store, a conflict or a lost answer need no special care,
 * and a connection that came and went before its turn leaves no trace.
 */
@Injectable()
export class PresenceRecorder {
  private readonly held = new Map<string, HeldBot>();
  /** The bots to be compared, each once, in order. */
  private readonly due = new Set<string>();
  private readonly writing = new Set<string>();
  /** The bots whose streams are ahead of what the log has brought, and up to which revision. */
  private readonly awaited = new Map<string, number>();
  private readonly lost = new Set<string>();
  private readonly pace = new Allowances(PACE);
  /** The bots that are compared later. Connections that came and went by then leave no trace. */
  private readonly later = new Map<string, Cancel>();
  private readonly backoff = new Backoff();
  private cancelWrite: Cancel | undefined;
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
    bot.connected(holder, { began: SYSTEM_CLOCK.now(), seen: this.board.presenceOf(holder.bot).revision });
    this.lookAtBot(holder.bot);
  }

  /** @param reason one of the codes of the protocol */
  disconnected({ bot, connection }: Holder, reason: string): void {
    this.held.get(bot)?.disconnected(connection, reason);
    this.lookAtBot(bot);
  }

  /**
   * Reports how many bots have connections that the log does not show yet, and how often the recording has made
   * progress.
   */
  marks(): Marks {
    return { waiting: this.due.size + this.writing.size + this.awaited.size, done: this.done };
  }

  /** Returns the ids of the bot's connections at this gateway. */
  connectionsOf(bot: string): readonly string[] {
    return this.held.get(bot)?.connections() ?? [];
  }

  /** Resolves once the log shows this connection, or once it has ended. */
  announced({ bot, connection }: Holder): Promise<void> {
    return this.held.get(bot)?.announced(connection) ?? Promise.resolve();
  }

  /** Must be called when the log has brought an event of a bot's presence. */
  takeChange({ bot, after }: PresenceChange): void {
    if (after.revision >= (this.awaited.get(bot) ?? 0)) {
      this.awaited.delete(bot);
      this.done += 1;
    }
    this.lookAtBot(bot);
    this.sayIfIdle();
  }

  /** Notes that a gateway no longer shows signs of life. Its open connections are then closed in the log. */
  gatewayLost(gateway: string): void {
    this.lost.add(gateway);
    for (const bot of this.board.botsAt(gateway)) this.lookAtBot(bot);
  }

  /** Notes that a gateway shows signs of life, so that its connections are left alone. */
  gatewayHeard(gateway: string): void {
    this.lost.delete(gateway);
  }

  /**
   * Records all connections here as closed and accepts no more. Other gateways close those that could not be recorded
   * in time.
   */
  async stopRecording(reason: string): Promise<void> {
    this.stopping = true;
    for (const cancel of this.later.values()) cancel();
    for (const [bot, held] of this.held) {
      held.endAll(reason);
      this.lookAtBot(bot);
    }
    const idle = new Promise<void>((resolve) => this.whenIdle.push(resolve));
    this.sayIfIdle();
    await endsWithin(STOP_MS, idle);
    this.cancelWrite?.();
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
      if (this.closed || this.cancelWrite !== undefined || this.writing.size >= WRITERS) return;
      this.due.delete(bot);
      RECORD.run(
        () => this.record(bot),
        () => this.retryBot(bot),
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
    const keyOf = (connection: string): string | undefined => held?.keyOf(connection);
    this.writing.add(bot);
    try {
      this.awaitRevision(bot, await this.streams.append(bot, events, recorded.revision, keyOf));
      this.done += 1;
      this.backoff.reset();
    } catch (error) {
      // After a conflict the log brings what the other gateway wrote, and the comparison is repeated.
      if (error instanceof WrongExpectedRevision) this.awaitRevision(bot, recorded.revision + 1);
      else this.writeLater();
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
        this.retryBot(bot);
      },
    );
    this.later.set(bot, SYSTEM_CLOCK.after(wait, look, { unref: true }));
    return true;
  }

  /** Tries a bot again later after a fault, starting with the comparison. */
  private retryBot(bot: string): void {
    this.writing.delete(bot);
    this.due.add(bot);
    this.writeLater();
  }

  private awaitRevision(bot: string, revision: number): void {
    if (this.board.presenceOf(bot).revision < revision) this.awaited.set(bot, revision);
  }

  private writeLater(): void {
    if (this.closed) return;
    const write = RECORD.guard(
      () => {
        this.cancelWrite = undefined;
        this.write();
      },
      () => {
        this.cancelWrite = undefined;
        this.writeLater();
      },
    );
    this.cancelWrite ??= SYSTEM_CLOCK.after(this.backoff.next(), write);
  }

  private sayIfIdle(): void {
    if (this.due.size > 0 || this.writing.size > 0 || this.awaited.size > 0) return;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}
