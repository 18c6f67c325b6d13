import { Backoff } from '#libs/time/backoff.js';
import { sleep } from '#libs/time/sleep.js';
import type { FollowerOptions, Log } from '../following/build-follower.js';
import type { ProjectionReports } from '../rebuilding/projection-reports.js';
import { isSilent } from './control-store.js';
import type { InboxLimits } from '../following/event-inbox.js';
import { CheckpointMoved, LeaseLost, isPassing } from '../builds/projection.errors.js';
import type { Projection } from '../builds/projection.js';
import { ProjectionSession } from './projection-session.js';
import { recountTimes } from '../rebuilding/recount-times.js';
import type { RecountTimes } from '../rebuilding/recount-times.js';
import type { ProjectionStatus, RunnerState, StandingReason } from '../builds/projection-status.js';
import type { ProjectionStores } from './projection-stores.js';

/**
 * Milliseconds between two attempts of a standby runner to take over, and of silence after which it takes the
 * projection from the other process.
 */
type StandbyTimes = Readonly<{ lookMs: number; silenceMs: number }>;

export type RunnerOptions = Readonly<{
  limits?: InboxLimits;
  /** Milliseconds between two signs of life, each with a look at what operators want. */
  heartbeatMs?: number;
  backoff?: Backoff;
  standby?: StandbyTimes;
  recount?: RecountTimes;
  /**
   * Returns the milliseconds for which an independent check has seen it stand still although the log has events for it.
   * They count as lag.
   */
  standstillMs?(): number;
}> &
  ProjectionReports;

const RUNNER_LIMITS: InboxLimits = {
  batchEvents: 1_000,
  lingerMs: 20,
  busy: { fromEvents: 10, lingerMs: 80 },
  capacity: 2_000,
};
const HEARTBEAT_MS = 1_000;
/** Waits between two attempts to reach PostgreSQL: its return must be noticed within five seconds. */
export const RECONNECT_LIMITS = { initialMs: 100, maxMs: 2_000 } as const;
const STANDBY: StandbyTimes = { lookMs: 1_000, silenceMs: 5_000 };

/**
 * Runs one projection whenever this process holds its lease. Each event is applied exactly once, however the process,
 * PostgreSQL or the event store ends. Resumes by itself after a store was away; stands by while another process has the
 * projection; stops at an event that can't be applied, says why, and waits until it is resumed.
 */
export class ProjectionRunner {
  /**
   * Resolves when its tables can be queried, or when it is known that they can't be created now, or not by this
   * process.
   */
  readonly settled: Promise<void>;
  private settle = (): void => undefined;
  private readonly stopping = new AbortController();
  private readonly backoff: Backoff;
  private readonly follow: FollowerOptions;
  private running: Promise<void> | undefined;
  private session: ProjectionSession | undefined;
  private state: RunnerState = 'stopped';
  private reason: StandingReason | undefined;
  private lastWriteAt: Date | undefined;
  private eventsApplied = 0;

  constructor(
    private readonly projection: Projection,
    private readonly log: Log,
    private readonly stores: ProjectionStores,
    private readonly options: RunnerOptions = {},
  ) {
    this.settled = new Promise((resolve) => (this.settle = resolve));
    this.backoff = options.backoff ?? new Backoff(RECONNECT_LIMITS);
    this.follow = {
      limits: options.limits ?? RUNNER_LIMITS,
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      onBatch: (applied) => this.wrote(applied),
      standstillMs: () => options.standstillMs?.() ?? 0,
    };
  }

  start(): void {
    this.running ??= this.runSessions();
  }

  /**
   * Resolves when the current batch is committed or rolled back. Events that were not applied are read again next time.
   */
  async stopProjection(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  status(): ProjectionStatus {
    const { name, version } = this.projection;
    const { state, reason, lastWriteAt, eventsApplied } = this;
    const progress = this.session?.progress() ?? { position: undefined, lagMs: 0, rebuild: undefined };
    return { name, version, state, ...progress, lastWriteAt, eventsApplied, reason };
  }

  private async runSessions(): Promise<void> {
    this.become('catching_up');
    while (!this.stopping.signal.aborted) {
      try {
        await this.awaitLease();
        if (!this.stopping.signal.aborted) await this.serve();
      } catch (error) {
        await this.recover(error as Error);
      }
    }
    await this.stores.leases.releaseLease(this.projection.name);
    this.become('stopped');
  }

  /** Waits until this process has the lease: the other process ended, or has fallen silent. */
  private async awaitLease(): Promise<void> {
    const { leases, database } = this.stores;
    const { name } = this.projection;
    const { lookMs, silenceMs } = this.options.standby ?? STANDBY;
    while (!this.stopping.signal.aborted && !(await leases.takeLease(name))) {
      this.become('standby', { message: `Another process is running projection ${name}` });
      if (await isSilent(database, name, silenceMs)) await leases.endHolder(name);
      else await sleep(lookMs, this.stopping.signal);
    }
  }

  private async serve(): Promise<void> {
    const { projection, log, stores, follow, options } = this;
    this.session = await ProjectionSession.open({
      projection,
      log,
      stores,
      follow,
      recount: options.recount ?? recountTimes(0),
      onState: (state, reason) => this.become(state, reason),
      reports: options,
    });
    this.settle();
    await this.session.runBuilds(this.stopping.signal);
  }

  private async recover(error: Error): Promise<void> {
    if (error instanceof LeaseLost) return;
    if (error instanceof CheckpointMoved) {
      // The "other process" may be this runner's own transaction from before a lost connection, which was committed
      // after all.
      await this.stores.leases.releaseLease(this.projection.name);
      await sleep((this.options.standby ?? STANDBY).lookMs, this.stopping.signal);
      return;
    }
    this.become(isPassing(error) ? 'waiting' : 'failed', { message: error.message });
    await sleep(this.backoff.next(), this.stopping.signal);
  }

  private wrote(applied: number): void {
    this.eventsApplied += applied;
    this.lastWriteAt = new Date();
    this.backoff.reset();
  }

  private become(state: RunnerState, reason?: StandingReason): void {
    const changed = state !== this.state || reason?.message !== this.reason?.message;
    this.state = state;
    this.reason = reason;
    if (state !== 'catching_up') this.settle();
    if (changed) this.options.onState?.(this.status());
  }
}
