import { sleep } from '#libs/time/sleep.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { ActiveFollower } from '../following/active-follower.js';
import type { FollowerOptions, Log } from '../following/build-follower.js';
import { untilBeat } from '../following/heartbeat.js';
import { isLost } from '../builds/build.js';
import { activateBuild, beginBuild, openBuilds, removeBuild } from '../builds/generations.js';
import type { Build } from '../builds/build.js';
import type { ProjectionReports } from '../rebuilding/projection-reports.js';
import { fulfil, readControl } from './control-store.js';
import type { Control, Wanted } from './control-store.js';
import { LeaseLost, isDecided, isPassing } from '../builds/projection.errors.js';
import { comparedWithLog } from '../builds/place-in-log.js';
import type { Projection } from '../builds/projection.js';
import type { ProjectionStatus, RunnerState, StandingReason } from '../builds/projection-status.js';
import type { ProjectionStores } from './projection-stores.js';
import { Rebuild } from '../rebuilding/rebuild.js';
import type { RecountTimes } from '../rebuilding/recount-times.js';
import type { RebuildKind } from '../rebuilding/rebuild.js';

export type SessionContext = Readonly<{
  projection: Projection;
  log: Log;
  stores: ProjectionStores;
  follow: FollowerOptions;
  recount: RecountTimes;
  onState(state: RunnerState, reason?: StandingReason): void;
  reports: ProjectionReports;
}>;

const UNFINISHED = new Set(['building', 'indexing', 'checking', 'recounting']);

/**
 * Runs the builds of one projection for as long as this process has its lease: the active build, one next to it, and
 * what operators ask for.
 */
export class ProjectionSession {
  private readonly ending = new AbortController();
  private readonly active: ActiveFollower;
  private rebuild: Rebuild | undefined;
  private rebuilding: Promise<void> | undefined;
  private trouble: Error | undefined;
  /** The last rebuild that was not possible. */
  private failed: Readonly<{ kind: RebuildKind; error: Error }> | undefined;
  private readonly openedAt = Date.now();

  private constructor(
    private readonly context: SessionContext,
    private readonly builds: readonly Build[],
    private control: Control,
  ) {
    const { projection, log, stores, follow, onState } = context;
    const active = builds.find(({ stage }) => stage === 'active')!;
    // A check of the builds that is under way must not delay the end of following.
    const following = { ...follow, until: this.ending.signal };
    this.active = new ActiveFollower(projection, active, log, stores.database, following, {
      onState,
      onTrouble: (error) => this.endBecause(error),
    });
  }

  /** @throws PostgresUnavailable | StoreUnavailable */
  static async open(context: SessionContext): Promise<ProjectionSession> {
    const { stores, projection } = context;
    const found = await openBuilds(stores.database, projection);
    const builds = await Promise.all(
      found.map((build) => comparedWithLog(build, context.log, stores.database)),
    );
    for (const build of builds) if (isLost(build)) context.reports.onLost?.(build);
    const control = await readControl(stores.database, projection.name);
    return new ProjectionSession(context, await withoutLostWayBack(builds, stores.database), control);
  }

  /** Returns how far the active build and the one next to it have come. */
  progress(): Pick<ProjectionStatus, 'position' | 'lagMs' | 'rebuild'> {
    const { position, lagMs } = this.active;
    return { position, lagMs, rebuild: this.rebuild?.status() };
  }

  /**
   * Runs until the signal aborts, a pause begins or ends, or a passing error occurs. After such an error everything
   * must be read again from PostgreSQL.
   *
   * @throws LeaseLost, CheckpointMoved, PostgresUnavailable
   */
  async runBuilds(signal: AbortSignal): Promise<void> {
    const end = (): void => this.ending.abort();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      // It may have been paused while no process ran it. Its stored state would still say that it runs.
      if (this.control.paused) await this.active.stopFollowing('paused');
      else await this.beginBuilds();
      while (!this.ending.signal.aborted) {
        const { heartbeatMs } = this.context.follow;
        const quietMs = this.rebuild ? 0 : this.active.quietMs;
        await sleep(untilBeat(heartbeatMs, quietMs, Date.now()), this.ending.signal);
        await this.checkBuilds();
      }
      if (this.trouble) throw this.trouble;
    } finally {
      signal.removeEventListener('abort', end);
      await this.stopRebuild();
      await this.active.stopFollowing(this.control.paused ? 'paused' : 'stopped');
    }
  }

  private async beginBuilds(): Promise<void> {
    this.active.start();
    const unfinished = this.builds.find(({ stage }) => UNFINISHED.has(stage));
    const lost = this.builds.find((build) => build.stage !== 'active' && isLost(build));
    if (unfinished && this.canGoOn(unfinished)) this.startRebuild(unfinished, kindOf(unfinished));
    else if (this.active.outdated) await this.beginRebuild('rebuild');
    else if (lost) await this.beginRebuild(kindOf(lost));
  }

  private canGoOn(build: Build): boolean {
    const { version, stage } = build;
    if (version !== this.context.projection.version || isLost(build)) return false;
    return stage !== 'recounting' || !this.active.outdated;
  }

  private async checkBuilds(): Promise<void> {
    if (this.ending.signal.aborted) return;
    const { stores, projection } = this.context;
    if (!stores.leases.holds(projection.name)) throw new LeaseLost(projection.name);
    const before = this.control;
    this.control = await readControl(stores.database, projection.name);
    const { paused, wanted, resumes } = this.control;
    if (paused !== before.paused) return this.ending.abort();
    if (paused) return this.context.onState('paused');
    if (resumes !== before.resumes) this.active.retry();
    this.active.retryIfDecided();
    if (wanted) await this.obey(wanted);
    else if (!this.rebuild && isDecided(this.failed?.error, this.context.log.setAside))
      await this.beginRebuild(this.failed!.kind);
    else if (this.isRecountDue()) await this.beginRebuild('recount');
  }

  private isRecountDue(): boolean {
    if (this.rebuild || this.active.outdated) return false;
    const { firstMs, everyMs } = this.context.recount;
    const { comparedAt } = this.control;
    return Date.now() >= (comparedAt === null ? this.openedAt + firstMs : comparedAt.getTime() + everyMs);
  }

  private async obey(wanted: Wanted): Promise<void> {
    const { stores, projection } = this.context;
    if (wanted === 'recount' && (this.rebuild || this.active.outdated)) return; // it waits until nothing else runs
    await this.stopRebuild();
    if (wanted === 'revert') await this.revert();
    else await this.beginRebuild(wanted);
    await fulfil(stores.database, projection.name, wanted);
  }

  /**
   * Goes back to the generation that was active before, if the same code filled it. That generation then catches up
   * with newer events.
   */
  private async revert(): Promise<void> {
    const { stores, projection } = this.context;
    const builds = await openBuilds(stores.database, projection);
    const kept = builds.find(({ stage, version }) => stage === 'kept' && version === projection.version);
    if (!kept || isLost(kept)) return;
    const { build } = await this.active.halt();
    let next = build;
    try {
      await activateBuild(stores.database, projection, kept);
      next = { ...kept, stage: 'active' };
    } finally {
      this.active.resume(next);
    }
  }

  private async beginRebuild(kind: RebuildKind): Promise<void> {
    const { stores, projection } = this.context;
    const stage = kind === 'recount' ? 'recounting' : 'building';
    this.startRebuild(await beginBuild(stores.database, projection, stage, kind === 'accept'), kind);
  }

  private startRebuild(build: Build, kind: RebuildKind): void {
    const { projection, log, stores, reports } = this.context;
    const { database, maintenance, recounts } = stores;
    const { onBatch: _, ...follow } = this.context.follow; // progress means that of the active build
    const rebuild = new Rebuild(
      {
        projection,
        log,
        database,
        maintenance,
        active: this.active,
        follow,
        recounts,
        reports,
      },
      build,
      kind,
    );
    this.rebuild = rebuild;
    this.failed = undefined;
    this.rebuilding = rebuild
      .rebuildRows()
      .catch((error: Error) => {
        if (isPassing(error)) return this.endBecause(error);
        this.failed = { kind, error };
        reports.onRebuildFailed?.(projection.name, error);
      })
      .finally(() => {
        if (this.rebuild === rebuild) this.rebuild = undefined;
      });
  }

  private async stopRebuild(): Promise<void> {
    await this.rebuild?.stopRebuild();
    await this.rebuilding;
  }

  private endBecause(error: Error): void {
    this.trouble ??= error;
    this.ending.abort();
  }
}

const isLostWayBack = (build: Build): boolean => build.stage === 'kept' && isLost(build);

/**
 * Removes a kept generation if nobody knows how far its rows go, because a revert to it is not possible.
 * @throws PostgresUnavailable
 */
const withoutLostWayBack = async (
  builds: readonly Build[],
  database: ReadModelDatabase,
): Promise<readonly Build[]> => {
  for (const build of builds.filter(isLostWayBack)) await removeBuild(database, build);
  return builds.filter((build) => !isLostWayBack(build));
};

/** Returns what a build was started for. */
const kindOf = ({ stage, acceptsDifferences }: Build): RebuildKind => {
  if (stage === 'recounting') return 'recount';
  return acceptsDifferences ? 'accept' : 'rebuild';
};
