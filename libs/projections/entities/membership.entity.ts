import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from './column-transformers.js';

/**
 * A row of the active generation of memberships: a bot that is in a channel now. It is a view, written by its
 * projection.
 */
@Entity({ name: 'memberships', synchronize: false })
export class MembershipRow {
  @PrimaryColumn({ type: 'text' })
  channel: string;

  @PrimaryColumn({ type: 'text' })
  bot: string;

  @Column({ name: 'joined_at', type: 'timestamptz' })
  joinedAt: Date;

  /** The channel's last seq when the bot joined; -1 if there was none. */
  @Column({ name: 'from_seq', type: 'bigint', transformer: asNumber })
  fromSeq: number;
}
