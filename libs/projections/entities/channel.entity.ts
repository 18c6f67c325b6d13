import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Visibility } from '#libs/domain/channel/channel.events.js';
import { asBigInt } from './column-transformers.js';

/** A row of the active generation of channels. It is a view, written by its projection. */
@Entity({ name: 'channels', synchronize: false })
export class ChannelRow {
  @PrimaryColumn({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  visibility: Visibility;

  @Column({ type: 'text' })
  status: 'open' | 'archived';

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt: Date;

  @Column({ name: 'archived_at', type: 'timestamptz', nullable: true })
  archivedAt: Date | null;

  @Column({ name: 'member_count', type: 'int' })
  memberCount: number;

  /** Commit position of the event that opened the channel. */
  @Column({ type: 'bigint', transformer: asBigInt })
  position: bigint;
}
