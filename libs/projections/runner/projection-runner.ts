import { Backoff } from '#libs/event-store/backoff.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { pause } from '#libs/event-store/pause.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { LogSubscription } from '#libs/event-store/subscription/log-subscription.js';
import { PostgresUnavailable } from '../postgres/postgres.errors.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { BatchApplier } from './apply-batch.js';
import { isAbandoned, openBuild, reportStanding } from './build-store.js';
import type { Build } from './build-store.js';
import { EventInbox } from './event-inbox.js';
import type { InboxLimits } from './event-inbox.js';
import { CheckpointMoved, ProjectionFailed } from './projection.errors.js';
import type { Projection } from './projection.js';
import type { ProjectionStatus, RunnerState, StandingReason } from './projection-status.js';

/** What a runner needs of the event store. */
export type Log = Pick<EventStore, 'subscribeToAll'>;

/** How often a runner that lost looks whether it is its turn, and after which silence of the other it is. */
export type StandbyTimes = Readonly<{ lookMs: number; silenceMs: number }>;

export type RunnerOptions = Readonly<{
  limits?: InboxLimits;
  /** A runner with nothing to apply still says that it lives, and moves its checkpoint past what does not concern it. */
  heartbeatMs?: number;
  backoff?: Backoff;
  standby?: StandbyTimes;
  /** Called at each change of state, for logs. */
  onState?(status: ProjectionStatus): void;
}>;

export const RUNNER_LIMITS: InboxLimits = { batchEvents: 1_000, lingerMs: 20, capacity: 2_000 };
const HEARTBEAT_MS = 1_000;
const STANDBY: StandbyTimes = { lookMs: 1_000, silenceMs: 5_000 };

/**
 * Follows the log for one projection. Rows and checkpoint move together, so each event is applied exactly once however
 * the process, PostgreSQL or the event store end. Goes on by itself when a store was away; stands by while another
 * process has the projection; stands still, and says why, at an event that can't be applied.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private readonly inboxes = new Set<EventInbox>();
  private readonly backoff: Backoff;
  private running: Promise<void> | undefined;
  private applier: BatchApplier | undefined;
  private build: Build | undefined;
  private state: RunnerState = 'stopped';
  private reason: StandingReason | undefined;
  private lagMs = 0;
  private lastWriteAt: Date | undefined;
  private eventsApplied = 0;

  constructor(
    private readonly projection: Projection,
    private readonly log: Log,
    private readonly database: ReadModelDatabase,
    private readonly options: RunnerOptions = {},
  ) {
    this.backoff = options.backoff ?? new Backoff({ initialMs: 100, maxMs: 5_000 });
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the batch under way is committed or rolled back; what was not applied yet is read again next time. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const inbox of this.inboxes) inbox.close();
    await this.running;
  }

  status(): ProjectionStatus {
    const { name, version } = this.projection;
    const { state, reason, lagMs, lastWriteAt, eventsApplied } = this;
    return {
      name,
      version,
      state,
      position: this.applier?.position,
      lagMs,
      lastWriteAt,
      eventsApplied,
      reason,
    };
  }

  private async run(): Promise<void> {
    this.become('catching_up');
    while (!this.stopping.signal.aborted) {
      try {
        await this.follow();
      } catch (error) {
        if (error instanceof CheckpointMoved) await this.standBy(error);
        else if (error instanceof PostgresUnavailable) await this.waitForPostgres(error);
        else return this.standStill(error as Error);
      }
    }
    await this.say('stopped');
    this.become('stopped');
  }

  /** From the checkpoint until stopped or until something breaks. */
  private async follow(): Promise<void> {
    const build = (this.build = await openBuild(this.database, this.projection));
    this.applier = new BatchApplier(this.database, this.projection, build);
    const inbox = new EventInbox(this.options.limits ?? RUNNER_LIMITS);
    this.inboxes.add(inbox);
    this.become('catching_up');
    const subscription = this.subscribe(inbox, build.position);
    try {
      while (!this.stopping.signal.aborted) await this.applyNext(inbox, this.applier);
    } finally {
      this.inboxes.delete(inbox);
      inbox.close();
      await subscription.close();
    }
  }

  private subscribe(inbox: EventInbox, from: LogPosition): LogSubscription {
    const wanted = new Set(this.projection.eventTypes);
    return this.log.subscribeToAll({
      from,
      streamPrefixes: this.projection.streamPrefixes,
      onEvent: (event) => (wanted.has(event.type) ? inbox.put(event) : undefined),
      onProgress: (position) => inbox.progress(position),
      onCaughtUp: () => this.become('live'),
      onConnectionChange: (connection, error) => {
        if (connection === 'connected') this.become('catching_up');
        else this.become('reconnecting', { message: error?.message ?? 'The event store is away' });
      },
      onFailure: (error) => inbox.fail(error),
    });
  }

  private async applyNext(inbox: EventInbox, applier: BatchApplier): Promise<void> {
    const { events, upTo } = await inbox.take(this.options.heartbeatMs ?? HEARTBEAT_MS);
    if (this.stopping.signal.aborted) return;
    const fresh = events.filter((event) => comparePositions(event.position, applier.position) > 0);
    this.lagMs = this.lagAfter(fresh);
    await applier.apply(fresh, upTo ?? applier.position, this.buildState(), this.lagMs);
    this.eventsApplied += fresh.length;
    this.lastWriteAt = new Date();
    this.backoff.reset();
  }

  private lagAfter(events: readonly PositionedEvent[]): number {
    const newest = events.at(-1);
    if (newest) return Math.max(0, Date.now() - newest.at.getTime());
    return this.state === 'live' ? 0 : this.lagMs;
  }

  private buildState(): 'catching_up' | 'live' | 'reconnecting' {
    return this.state === 'live' || this.state === 'reconnecting' ? this.state : 'catching_up';
  }

  private async waitForPostgres(error: PostgresUnavailable): Promise<void> {
    this.become('waiting', { message: error.message });
    await pause(this.backoff.next(), this.stopping.signal);
  }

  /**
   * Until the other falls silent. The other may be this runner's own transaction of before a lost connection, which the
   * server committed after all.
   */
  private async standBy(lost: CheckpointMoved): Promise<void> {
    this.become('standby', { message: lost.message });
    const { lookMs, silenceMs } = this.options.standby ?? STANDBY;
    while (!this.stopping.signal.aborted) {
      await pause(lookMs, this.stopping.signal);
      const free = await isAbandoned(this.database, this.projection.name, silenceMs).catch(() => false);
      if (free) return;
    }
  }

  private async standStill(error: Error): Promise<void> {
    const event = error instanceof ProjectionFailed ? error.event : undefined;
    this.become('failed', {
      message: error.message,
      ...(event && { position: event.position, type: event.type }),
    });
    await this.say('failed');
  }

  /** Leaves word in PostgreSQL for those who look from elsewhere; no word is better than none of the rest. */
  private async say(state: 'failed' | 'stopped'): Promise<void> {
    if (!this.build || !this.applier || this.state === 'waiting' || this.state === 'standby') return;
    await reportStanding(this.database, this.build, this.applier.position, { state, ...this.reason }).catch(
      () => undefined,
    );
  }

  private become(state: RunnerState, reason?: StandingReason): void {
    if (this.state === 'failed') return;
    const changed = state !== this.state || reason?.message !== this.reason?.message;
    this.state = state;
    this.reason = reason;
    if (changed) this.options.onState?.(this.status());
  }
}
