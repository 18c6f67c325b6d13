import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asBigInt, asNumber } from './column-transformers.js';

/** State that a build reports. `failed` lasts until somebody acts; the other states pass by themselves. */
export type BuildState = 'catching_up' | 'live' | 'reconnecting' | 'failed' | 'stopped' | 'paused';

/**
 * Stage of a build. `active`: the view shows it. A rebuild is `building`, `indexing` and `checking`, and then becomes
 * active or `differs`. A recount is `recounting`, and is then removed. `kept`: was active before, and is kept for a
 * revert.
 */
export type BuildStage = 'active' | 'building' | 'recounting' | 'indexing' | 'checking' | 'differs' | 'kept';

/** One build (generation) of a projection's tables: how far it got, and its state. The view shows the active one. */
@Entity({ name: 'projection_builds', synchronize: false })
export class ProjectionBuildRow {
  @PrimaryColumn({ type: 'text' })
  name: string;

  @PrimaryColumn({ type: 'int' })
  generation: number;

  /** Version of the code that filled it. */
  @Column({ type: 'int' })
  version: number;

  @Column({ type: 'boolean' })
  active: boolean;

  @Column({ type: 'text' })
  stage: BuildStage;

  /** Whether a rebuild replaces the active build even if their rows differ. */
  @Column({ name: 'accepts_differences', type: 'boolean' })
  acceptsDifferences: boolean;

  /** Whether its rows are loaded but not settled yet; see `Load`. */
  @Column({ type: 'boolean' })
  loading: boolean;

  /** Names of its tables, without the generation. */
  @Column({ type: 'text', array: true })
  tables: string[];

  /** Result of the last comparison with another build, as JSON; null before the first one. */
  @Column({ type: 'text', nullable: true })
  differences: string | null;

  @Column({ name: 'compared_at', type: 'timestamptz', nullable: true })
  comparedAt: Date | null;

  @Column({ name: 'commit_position', type: 'numeric', transformer: asBigInt })
  commitPosition: bigint;

  @Column({ name: 'prepare_position', type: 'numeric', transformer: asBigInt })
  preparePosition: bigint;

  /** The event at which it stands, see `landmarkToText`; null before the first event. */
  @Column({ type: 'text', nullable: true })
  landmark: string | null;

  /** Why its rows do not belong to the present log; null if they do. */
  @Column({ type: 'text', nullable: true })
  displaced: string | null;

  @Column({ type: 'text' })
  state: BuildState;

  /** Age of the newest event when its rows became visible, in milliseconds; 0 while there is nothing to wait for. */
  @Column({ name: 'lag_ms', type: 'bigint', transformer: asNumber })
  lagMs: number;

  /** When the runner last reported something, which it does at least once a second while it is alive. */
  @Column({ name: 'seen_at', type: 'timestamptz' })
  seenAt: Date;

  /** Position of the event that could not be applied. */
  @Column({ name: 'failed_position', type: 'numeric', nullable: true, transformer: asBigInt })
  failedPosition: bigint | null;

  @Column({ name: 'failed_type', type: 'text', nullable: true })
  failedType: string | null;

  @Column({ name: 'failed_message', type: 'text', nullable: true })
  failedMessage: string | null;
}
