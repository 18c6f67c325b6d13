import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { LogSubscription, SubscribeToAll } from '#libs/event-store/subscription/log-subscription.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { BatchApplier } from './apply-batch.js';
import type { Build } from '../builds/build.js';
import { restAfter } from './effort.js';
import { untilBeat } from './heartbeat.js';
import { passOver } from './pass-over.js';
import { EventInbox } from './event-inbox.js';
import type { InboxLimits } from './event-inbox.js';
import type { Projection } from '../builds/projection.js';
import type { StandingReason } from '../builds/projection-status.js';

/** The parts of the event store that a follower needs. */
export type Log = Pick<
  EventStore,
  'readAll' | 'readStored' | 'setAside' | 'landmarkAt' | 'landmarkOf' | 'holds'
> &
  Readonly<{ subscribeToAll(options: SubscribeToAll): LogSubscription }>;

export type FollowerState = 'catching_up' | 'live' | 'reconnecting';

export type FollowerOptions = Readonly<{
  limits: InboxLimits;
  /**
   * Milliseconds after which a follower with nothing to apply still writes. It also moves its checkpoint past events
   * that do not concern it.
   */
  heartbeatMs: number;
  /** Share of the time, from 0 to 1, in which it works; it rests for the remainder. Default 1. */
  effort?: number;
  /** Once this aborts, no further batch begins. */
  until?: AbortSignal;
  onState?(state: FollowerState, reason?: StandingReason): void;
  onBatch?(applied: number): void;
  /**
   * Returns the milliseconds for which somebody else has seen it stand still although there are events for it. Default
   * 0.
   */
  standstillMs?(): number;
}>;

/**
 * Keeps one build level with the log, from its checkpoint until it is stopped or something breaks. Rows and checkpoint
 * move together, so each event is applied exactly once, however the process, PostgreSQL or the event store ends.
 */
export class BuildFollower {
  /**
   * Resolves when following has ended. Rejects with CheckpointMoved, PostgresUnavailable or the error of an event that
   * can't be applied.
   */
  readonly ended: Promise<void>;
  /**
   * Resolves when it has applied everything that was in the log when its subscription first became live. That moment
   * comes however fast more events arrive, but never if following ends before.
   */
  readonly caughtUp: Promise<void>;
  private readonly stopping = new AbortController();
  private readonly inbox: EventInbox;
  private readonly applier: BatchApplier;
  private state: FollowerState = 'catching_up';
  private markCaughtUp: () => void = () => undefined;
  private lag = 0;
  /** The position up to which the log was last known to hold nothing more for this projection. */
  private told: LogPosition;
  private arrived = 0;
  /** When the last event came, by `performance.now`. */
  private tookAt = performance.now();
  private applied = 0;
  /** Number of events that had arrived when the subscription became live. */
  private due = Number.POSITIVE_INFINITY;

  constructor(
    private readonly projection: Projection,
    build: Build,
    private readonly log: Log,
    database: ReadModelDatabase,
    private readonly options: FollowerOptions,
  ) {
    this.inbox = new EventInbox(options.limits);
    this.applier = new BatchApplier(database, projection, build, log);
    this.told = build.position;
    const { until } = options;
    until?.addEventListener('abort', () => this.beginStop(), { signal: this.stopping.signal });
    if (until?.aborted) this.beginStop();
    this.caughtUp = new Promise((resolve) => (this.markCaughtUp = resolve));
    this.ended = this.followLog();
    this.ended.catch(() => undefined); // those who need to know await `ended`
  }

  /** Returns the build with its present checkpoint. */
  get build(): Build {
    return { ...this.applier.build, ...this.applier.checkpoint };
  }

  get position(): LogPosition {
    return this.applier.position;
  }

  /** Age of the newest event when its rows became visible, in milliseconds; 0 while there is nothing to wait for. */
  get lagMs(): number {
    return this.lag;
  }

  /** Milliseconds since the last event, or since it was made; 0 unless it is level with the log. */
  get quietMs(): number {
    return this.state === 'live' ? performance.now() - this.tookAt : 0;
  }

  /** Resolves when the current batch is committed or rolled back. @throws the error that ended it before */
  async stopFollowing(): Promise<void> {
    this.beginStop();
    await this.ended;
  }

  private beginStop(): void {
    this.stopping.abort();
    this.inbox.close();
  }

  private async followLog(): Promise<void> {
    const subscription = this.subscribe();
    try {
      while (!this.stopping.signal.aborted) await this.applyNext();
    } finally {
      this.beginStop();
      await subscription.close();
    }
  }

  private subscribe(): LogSubscription {
    const { eventTypes } = this.projection;
    return this.log.subscribeToAll({
      from: this.applier.position,
      streamPrefixes: this.projection.streamPrefixes,
      onEvent: (event) => (mayBeOneOf(eventTypes, event) ? this.takeEvent(event) : undefined),
      onProgress: (position) => this.inbox.progress(position),
      onCaughtUp: () => {
        this.due = Math.min(this.due, this.arrived);
        this.become('live');
      },
      onConnectionChange: (connection, error) => {
        if (connection === 'connected') this.become('catching_up');
        else this.become('reconnecting', { message: error?.message ?? 'The event store is away' });
      },
      onFailure: (error) => this.inbox.fail(error),
    });
  }

  private takeEvent(event: PositionedEvent): void | Promise<void> {
    this.tookAt = performance.now();
    this.arrived += 1;
    return this.inbox.put(event);
  }

  private async applyNext(): Promise<void> {
    const { heartbeatMs } = this.options;
    const { events, upTo } = await this.inbox.takeBatch(untilBeat(heartbeatMs, this.quietMs, Date.now()));
    if (this.stopping.signal.aborted) return;
    const began = Date.now();
    const fresh = events.filter((event) => comparePositions(event.position, this.position) > 0);
    this.lag = this.lagAfter(fresh);
    const passed = fresh.length === 0 ? await this.reflected(upTo) : undefined;
    if (this.stopping.signal.aborted) return;
    await this.applier.apply(fresh, passed, this.state, this.lag);
    this.options.onBatch?.(fresh.length);
    this.applied += events.length;
    if (this.applied >= this.due) this.markCaughtUp();
    await restAfter(Date.now() - began, this.options.effort ?? 1, this.stopping.signal);
  }

  /**
   * Returns the last event up to which the log holds nothing for this projection, if it is news. The log is searched
   * only when the subscription reports no progress, which it does the more often the more happens.
   */
  private async reflected(upTo: LogPosition | undefined): Promise<Landmark | undefined> {
    const from = upTo && comparePositions(upTo, this.position) > 0 ? upTo : this.position;
    const isNews = comparePositions(from, this.told) > 0;
    this.told = from;
    // A checkpoint stands at a known event, because a bare position could not be found again in a restored log.
    const known = isNews ? await this.log.landmarkAt(from).catch(() => undefined) : undefined;
    if (known || this.state !== 'live') return known;
    const last = await passOver(this.projection, this.log, this.position);
    if (last) this.told = last.position;
    return last && this.log.landmarkOf(last);
  }

  private lagAfter(events: readonly PositionedEvent[]): number {
    const newest = events.at(-1);
    if (newest) return Math.max(0, Date.now() - newest.at.getTime());
    const standstillMs = this.options.standstillMs?.() ?? 0;
    return this.state === 'live' ? standstillMs : Math.max(this.lag, standstillMs);
  }

  private become(state: FollowerState, reason?: StandingReason): void {
    if (this.stopping.signal.aborted) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }
}
