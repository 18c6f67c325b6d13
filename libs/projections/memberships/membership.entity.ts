import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../postgres/column-transformers.js';

/** The active generation of memberships: who is in a channel now. A view, written by its projection. */
@Entity({ name: 'memberships', synchronize: false })
export class MembershipRow {
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
