import { sleep } from '#libs/time/sleep.js';
import { comparePositions } from '#libs/event-store/position.js';
import { PostgresUnavailable } from '../postgres/postgres.errors.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';
import { advanceTo } from './advance-build.js';
import type { ActiveFollower } from '../following/active-follower.js';
import { BuildFollower } from '../following/build-follower.js';
import type { FollowerOptions, Log } from '../following/build-follower.js';
import { BuildLoader } from './build-loader.js';
import { isLost } from '../builds/build.js';
import { noteDifferences, noteStage, reportStanding } from '../builds/checkpoints.js';
import { activateBuild, removeBuild } from '../builds/generations.js';
import type { Build } from '../builds/build.js';
import { compareBuilds } from './compare-builds.js';
import type { Difference } from './compare-builds.js';
import type { ProjectionReports } from './projection-reports.js';
import { ProjectionFailed, isPassing } from '../builds/projection.errors.js';
import type { Projection } from '../builds/projection.js';
import type { RebuildStatus } from '../builds/projection-status.js';
import { INDEX_MEMORY, createQueryIndexes } from '../builds/table-shape.js';
import type { Turns } from './turns.js';

export type RebuildContext = Readonly<{
  projection: Projection;
  log: Log;
  /** Connections for batches. */
  database: ReadModelDatabase;
  /** Connections for long work, without a limit on statements. */
  maintenance: ReadModelDatabase;
  active: Pick<ActiveFollower, 'halt' | 'resume'>;
  follow: FollowerOptions;
  /** The turns of all recounts in this process. */
  recounts: Turns;
  reports: Pick<ProjectionReports, 'onCompared'>;
}>;

/**
 * `rebuild` stops before the swap if rows differ, `accept` does not. `recount` compares at low speed and never swaps.
 */
export type RebuildKind = 'rebuild' | 'accept' | 'recount';

/**
 * Settings of a recount, which nobody should notice. It works in small pieces, because a post may have to wait until
 * one is done.
 */
const RECOUNT = {
  effort: 0.1,
  copy: { rows: 250, bytes: 128 * 1024 },
  inbox: { batchEvents: 250, capacity: 500 },
};
const SWAP_RETRY_MS = 200;

/**
 * Builds a generation next to the active one, from the log alone: catches up, creates the indexes for queries, compares
 * the rows of both at the same position, and swaps them in one transaction. It may be interrupted at any point and
 * started again with the same build.
 */
export class Rebuild {
  private readonly stopping = new AbortController();
  private loader: BuildLoader | undefined;
  private follower: BuildFollower | undefined;
  private stage: RebuildStatus['stage'];

  constructor(
    private readonly context: RebuildContext,
    /** The build as it was when nobody followed it. */
    private build: Build,
    private readonly kind: RebuildKind,
  ) {
    this.stage = kind === 'recount' ? 'recounting' : 'building';
  }

  status(): RebuildStatus {
    const { position } = this.follower ?? this.loader ?? this.build;
    return { generation: this.build.generation, stage: this.stage, position };
  }

  /**
   * Resolves when the rebuild is done or stopped.
   * @throws the error that made it impossible; the active build is followed in any case
   */
  async rebuildRows(): Promise<void> {
    const { recounts, projection, reports } = this.context;
    const giveBack = this.kind === 'recount' ? await recounts.takeTurn(this.stopping.signal) : undefined;
    try {
      await (this.build.loading ? this.load() : this.catchUp());
      if (this.kind !== 'recount') await this.index();
      await this.catchUp();
      const differences = await this.compare();
      if (this.stopping.signal.aborted) return;
      if (differences) reports.onCompared?.(projection.name, differences);
      await this.conclude(differences ?? []);
    } catch (error) {
      if (!isPassing(error)) await this.sayFailed(error as Error);
      throw error;
    } finally {
      await this.halt().catch(() => undefined);
      giveBack?.();
    }
  }

  async stopRebuild(): Promise<void> {
    this.stopping.abort();
    await this.follower?.stopFollowing().catch(() => undefined);
  }

  private follow(): BuildFollower {
    const { projection, log, database, follow } = this.context;
    const { effort, inbox } = RECOUNT;
    const options =
      this.kind === 'recount' ? { ...follow, effort, limits: { ...follow.limits, ...inbox } } : follow;
    return new BuildFollower(projection, this.build, log, database, options);
  }

  /** Stops following. @throws the error that ended following before */
  private async halt(): Promise<Build> {
    const { follower } = this;
    this.follower = undefined;
    await follower?.stopFollowing().finally(() => (this.build = follower.build));
    return this.build;
  }

  /**
   * Loads rows. An event that can't be loaded is left to the follower, which applies event by event and names the
   * faulty one.
   */
  private async load(): Promise<void> {
    const { projection, log, database, maintenance } = this.context;
    if (!projection.load) throw new Error(`Projection ${projection.name} can no longer be loaded`);
    const pace = this.kind === 'recount' ? RECOUNT : undefined;
    const loader = new BuildLoader(projection, projection.load, this.build, log, database, pace);
    this.loader = loader;
    try {
      await loader.loadRows(this.stopping.signal);
    } catch (error) {
      if (isPassing(error)) throw error;
    }
    if (!this.stopping.signal.aborted) this.build = await loader.settle(maintenance);
  }

  private async catchUp(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { caughtUp, ended } = (this.follower ??= this.follow());
    await Promise.race([caughtUp, ended]);
  }

  /**
   * Creates the indexes for queries. Creating an index afterwards is several times faster than growing it row by row.
   */
  private async index(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { projection, database, maintenance } = this.context;
    await this.enterStage('indexing');
    await this.halt();
    await maintenance.transaction(async (tx) => {
      await tx.run(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`);
      await createQueryIndexes(tx, projection.tables, this.build.generation);
    });
    for (const { name } of projection.tables) {
      await database.rows(`ANALYZE ${name}_g${this.build.generation}`);
    }
  }

  /**
   * Compares the new build with the active one. Both are halted only until they stand at the same position and a
   * snapshot is taken; they go on while their rows are compared in it. Returns undefined when the active build can't be
   * compared.
   */
  private async compare(): Promise<Difference[] | undefined> {
    if (this.stopping.signal.aborted) return undefined;
    const { projection, log, database, maintenance, active } = this.context;
    if (this.kind !== 'recount') await this.enterStage('checking');
    const halted = await active.halt();
    let theirs = halted.build;
    let resumed = false;
    try {
      let mine = await this.halt();
      if (!halted.comparable) return undefined;
      const target = comparePositions(mine.position, theirs.position) > 0 ? mine : theirs;
      this.build = mine = await advanceTo(target, mine, projection, log, database);
      theirs = await advanceTo(target, theirs, projection, log, database);
      return await maintenance.snapshot(async (tx) => {
        await tx.rows('SELECT 1'); // the first statement takes the snapshot
        active.resume(theirs);
        resumed = true;
        this.follower = this.follow();
        return compareBuilds(tx, projection.tables, theirs, mine);
      });
    } finally {
      if (!resumed) active.resume(theirs);
    }
  }

  private async conclude(differences: readonly Difference[]): Promise<void> {
    const { database, projection } = this.context;
    await noteDifferences(database, projection.name, this.build, this.kind === 'recount', differences);
    if (this.kind === 'recount') {
      await this.halt();
      await removeBuild(database, this.build);
    } else if (differences.length > 0 && this.kind === 'rebuild') {
      await this.enterStage('differs');
    } else {
      const replaced = await this.swap();
      if (replaced && isLost(replaced)) await removeBuild(database, replaced);
    }
  }

  /** @returns the build that was active before, or undefined when the rebuild was stopped */
  private async swap(): Promise<Build | undefined> {
    const { projection, log, database, active } = this.context;
    while (!this.stopping.signal.aborted) {
      const { build: before } = await active.halt();
      let next = before;
      try {
        const mine = await advanceTo(next, await this.halt(), projection, log, database);
        this.build = mine;
        await activateBuild(database, projection, mine);
        next = { ...mine, stage: 'active' };
        return before;
      } catch (error) {
        if (!(error instanceof PostgresUnavailable)) throw error;
      } finally {
        active.resume(next);
      }
      // A long query holds a lock on the view.
      await sleep(SWAP_RETRY_MS, this.stopping.signal);
      this.follower = this.follow();
    }
    return undefined;
  }

  private async sayFailed(cause: Error): Promise<void> {
    const event = cause instanceof ProjectionFailed ? cause.event : undefined;
    const build = this.follower?.build ?? this.build;
    await reportStanding(this.context.database, build, build.position, {
      state: 'failed',
      message: cause.message,
      ...(event && { position: event.position, type: event.type }),
    }).catch(() => undefined);
  }

  private async enterStage(stage: RebuildStatus['stage']): Promise<void> {
    this.stage = stage;
    await noteStage(this.context.database, this.build, stage);
  }
}
