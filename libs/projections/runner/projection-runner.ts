import { Backoff } from '#libs/event-store/backoff.js';
import { pause } from '#libs/event-store/pause.js';
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

/** How often a runner that stands by looks whether it is its turn, and after which silence of the other it is. */
export type StandbyTimes = Readonly<{ lookMs: number; silenceMs: number }>;

export type RunnerOptions = Readonly<{
  limits?: InboxLimits;
  /** How often a runner says that it lives and looks what is wanted of it. */
  heartbeatMs?: number;
  backoff?: Backoff;
  standby?: StandbyTimes;
  recount?: RecountTimes;
  /** For how long it has stood still though the log has events for it, by a look of its own; it counts as lag. */
  standstillMs?(): number;
}> &
  ProjectionReports;

export const RUNNER_LIMITS: InboxLimits = {
  batchEvents: 1_000,
  lingerMs: 20,
  busy: { fromEvents: 10, lingerMs: 80 },
  capacity: 2_000,
};
const HEARTBEAT_MS = 1_000;
/** So long at most until PostgreSQL is asked again whether it is back: it must be noticed within five seconds. */
export const RECONNECT_LIMITS = { initialMs: 100, maxMs: 2_000 } as const;
const STANDBY: StandbyTimes = { lookMs: 1_000, silenceMs: 5_000 };

/**
 * Runs one projection wherever it is this process's to run. Each event is applied exactly once however the process,
 * PostgreSQL or the event store end. Goes on by itself when a store was away; stands by while another process has the
 * projection; stands still, and says why, at an event that can't be applied, until it is resumed.
 */
export class ProjectionRunner {
  /** When its tables are there to be asked, or it is known that they can't be made now, or not here. */
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

  /** Resolves when the batch under way is committed or rolled back; what was not applied yet is read again next time. */
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
    await this.stores.leases.free(this.projection.name);
    this.become('stopped');
  }

  /** Until the projection is ours: the other process ended, or has fallen silent. */
  private async awaitLease(): Promise<void> {
    const { leases, database } = this.stores;
    const { name } = this.projection;
    const { lookMs, silenceMs } = this.options.standby ?? STANDBY;
    while (!this.stopping.signal.aborted && !(await leases.takeLease(name))) {
      this.become('standby', { message: `Another process is running projection ${name}` });
      if (await isSilent(database, name, silenceMs)) await leases.wrest(name);
      else await pause(lookMs, this.stopping.signal);
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
      // The other may be this runner's own transaction of before a lost connection, which was committed after all.
      await this.stores.leases.free(this.projection.name);
      await pause((this.options.standby ?? STANDBY).lookMs, this.stopping.signal);
      return;
    }
    this.become(isPassing(error) ? 'waiting' : 'failed', { message: error.message });
    await pause(this.backoff.next(), this.stopping.signal);
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
