import type { LogPosition } from '#libs/event-store/position.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { BuildFollower } from './build-follower.js';
import type { FollowerOptions, Log } from './build-follower.js';
import { isLost } from '../builds/build.js';
import { reportStanding } from '../builds/checkpoints.js';
import type { Build } from '../builds/build.js';
import type { BuildState } from '../entities/projection-build.entity.js';
import { ProjectionFailed, isDecided, isPassing } from '../builds/projection.errors.js';
import type { Projection } from '../builds/projection.js';
import type { RunnerState, StandingReason } from '../builds/projection-status.js';

export type ActiveHooks = Readonly<{
  onState(state: RunnerState, reason?: StandingReason): void;
  /** Following ended for a passing reason, so everything must be read again from PostgreSQL. */
  onTrouble(error: Error): void;
}>;

/** Follows the active build, unless its rows can't be continued or an event in it can't be applied. */
export class ActiveFollower {
  private follower: BuildFollower | undefined;
  private failure: Error | undefined;

  constructor(
    private readonly projection: Projection,
    private build: Build,
    private readonly log: Log,
    private readonly database: ReadModelDatabase,
    private readonly options: FollowerOptions,
    private readonly hooks: ActiveHooks,
  ) {}

  start(): void {
    this.resume(this.build);
  }

  /**
   * Whether the rows can't be continued, because other code made them or nobody knows how far they go. Then another
   * build must replace them.
   */
  get outdated(): boolean {
    return this.build.version !== this.projection.version || isLost(this.build);
  }

  get position(): LogPosition {
    return this.follower?.position ?? this.build.position;
  }

  /** Milliseconds for which it has been level and got no event; 0 if it is not level, or stands still. */
  get quietMs(): number {
    return this.follower?.quietMs ?? 0;
  }

  get lagMs(): number {
    return this.follower?.lagMs ?? 0;
  }

  /**
   * Stops following the build. The result is not `comparable` when other code filled the build, or when it stands at an
   * event that can't be applied.
   */
  async halt(): Promise<{ build: Build; comparable: boolean }> {
    const { follower } = this;
    this.follower = undefined;
    if (follower) {
      this.build = follower.build;
      await follower.stopFollowing().finally(() => (this.build = follower.build));
    }
    return { build: this.build, comparable: !this.outdated && this.failure === undefined };
  }

  /** Follows the build again, or the one that replaced it. */
  resume(build: Build): void {
    if (build.generation !== this.build.generation) this.failure = undefined;
    this.build = build;
    if (this.outdated) {
      this.hooks.onState('outdated', { message: whyOutdated(build) });
    } else if (!this.failure) {
      this.follow();
    }
  }

  /** Tries the event again at which the build stands, if it does. */
  retry(): void {
    if (!this.failure) return;
    this.failure = undefined;
    this.resume(this.build);
  }

  /** Does the same as {@link retry}, if an admin has set that event aside since. */
  retryIfDecided(): void {
    if (isDecided(this.failure, this.log.setAside)) this.retry();
  }

  /** Stops following, and stores the state in PostgreSQL for those who look from elsewhere. */
  async stopFollowing(state: 'stopped' | 'paused'): Promise<void> {
    await this.halt().catch(() => undefined);
    if (!this.failure) await this.recordState(state);
  }

  private follow(): void {
    const follower = new BuildFollower(this.projection, this.build, this.log, this.database, {
      ...this.options,
      onState: (state, reason) => this.hooks.onState(state, reason),
    });
    this.follower = follower;
    follower.ended.catch((error: Error) => {
      if (this.follower !== follower) return;
      this.build = follower.build;
      this.follower = undefined;
      if (isPassing(error)) this.hooks.onTrouble(error);
      else this.standStill(error);
    });
  }

  private standStill(error: Error): void {
    this.failure = error;
    const event = error instanceof ProjectionFailed ? error.event : undefined;
    const reason: StandingReason = {
      message: error.message,
      ...(event && { position: event.position, type: event.type }),
    };
    this.hooks.onState('failed', reason);
    void this.recordState('failed', reason);
  }

  /** Stores the state if possible. An error is ignored, because the state is not worth failing for. */
  private async recordState(state: BuildState, reason?: StandingReason): Promise<void> {
    if (this.outdated) return;
    await reportStanding(this.database, this.build, this.build.position, { state, ...reason }).catch(
      () => undefined,
    );
  }
}

const whyOutdated = ({ version, unplaced, displaced }: Build): string => {
  if (displaced !== undefined) return `${displaced}. The read model is rebuilt from the log`;
  return unplaced === undefined
    ? `Its tables were built by version ${version}`
    : `No event can have its stored position ${unplaced}, so it is rebuilt from the log`;
};
