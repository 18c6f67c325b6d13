import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asBigInt, asNumber } from './column-transformers.js';

/** How a build of a projection says it fares. `failed` is for good until somebody acts, the others pass by themselves. */
export type BuildState = 'catching_up' | 'live' | 'reconnecting' | 'failed' | 'stopped' | 'paused';

/**
 * What a build is for. `active`: behind the view. A rebuild is `building`, `indexing`, `checking`, and becomes active or
 * `differs`; a recount is `recounting`, `checking`, and goes. `kept`: was active before, for a way back.
 */
export type BuildStage = 'active' | 'building' | 'recounting' | 'indexing' | 'checking' | 'differs' | 'kept';

/** One build (generation) of a projection's tables: how far it got and how it fares. The active one is behind the view. */
@Entity({ name: 'projection_builds', synchronize: false })
export class ProjectionBuildRow {
  @PrimaryColumn({ type: 'text' })
  name: string;

  @PrimaryColumn({ type: 'int' })
  generation: number;

  /** Of the code that filled it. */
  @Column({ type: 'int' })
  version: number;

  @Column({ type: 'boolean' })
  active: boolean;

  @Column({ type: 'text' })
  stage: BuildStage;

  /** Of a rebuild: it takes the active one's place even where it differs. */
  @Column({ name: 'accepts_differences', type: 'boolean' })
  acceptsDifferences: boolean;

  /** Its rows are not what they will be yet; see `Load`. */
  @Column({ type: 'boolean' })
  loading: boolean;

  /** Names of its tables, without the generation. */
  @Column({ type: 'text', array: true })
  tables: string[];

  /** What a comparison with another build found last, as JSON; null before the first one. */
  @Column({ type: 'text', nullable: true })
  differences: string | null;

  @Column({ name: 'compared_at', type: 'timestamptz', nullable: true })
  comparedAt: Date | null;

  @Column({ name: 'commit_position', type: 'numeric', transformer: asBigInt })
  commitPosition: bigint;

  @Column({ name: 'prepare_position', type: 'numeric', transformer: asBigInt })
  preparePosition: bigint;

  /** The event at which it stands, see `landmarkToText`; null before the first one. */
  @Column({ type: 'text', nullable: true })
  landmark: string | null;

  /** Why its rows are not those of the log that is there; null while they are. */
  @Column({ type: 'text', nullable: true })
  displaced: string | null;

  @Column({ type: 'text' })
  state: BuildState;

  /** How old the newest event was when its rows became visible; 0 while there is nothing to wait for. */
  @Column({ name: 'lag_ms', type: 'bigint', transformer: asNumber })
  lagMs: number;

  /** When the runner last said anything, at least each second while it lives. */
  @Column({ name: 'seen_at', type: 'timestamptz' })
  seenAt: Date;

  /** The event that could not be applied. */
  @Column({ name: 'failed_position', type: 'numeric', nullable: true, transformer: asBigInt })
  failedPosition: bigint | null;

  @Column({ name: 'failed_type', type: 'text', nullable: true })
  failedType: string | null;

  @Column({ name: 'failed_message', type: 'text', nullable: true })
  failedMessage: string | null;
}
