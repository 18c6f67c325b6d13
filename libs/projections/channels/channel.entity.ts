import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Visibility } from '#libs/domain/channel/channel.events.js';
import { asBigInt, asNumber } from '../postgres/column-transformers.js';

/** The active generation of channels. A view, written by its projection. */
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

  /** Commit position of the event that opened it. */
  @Column({ type: 'bigint', transformer: asBigInt })
  position: bigint;
}

/** Who is in a channel now. */
@Entity({ name: 'channel_members', synchronize: false })
export class ChannelMemberRow {
  @PrimaryColumn({ type: 'text' })
  channel: string;

  @PrimaryColumn({ type: 'text' })
  bot: string;

  @Column({ name: 'joined_at', type: 'timestamptz' })
  joinedAt: Date;

  /** The channel's last seq when the bot came, -1 if there was none. */
  @Column({ name: 'from_seq', type: 'bigint', transformer: asNumber })
  fromSeq: number;
}
