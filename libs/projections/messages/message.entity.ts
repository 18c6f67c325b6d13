import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Message } from '#libs/protocol/message.js';
import { asBigInt, asNumber } from '../postgres/column-transformers.js';

/** The active generation of messages: one row for each event of a `messages-` stream. A view, written by its projection. */
@Entity({ name: 'messages', synchronize: false })
export class MessageRow {
  @PrimaryColumn({ type: 'text' })
  channel: string;

  @PrimaryColumn({ type: 'bigint', transformer: asNumber })
  seq: number;

  @Column({ type: 'text' })
  id: string;

  @Column({ type: 'text' })
  bot: string;

  @Column({ type: 'text' })
  kind: Message['kind'];

  @Column({ type: 'text' })
  body: string;

  /** JSON, as text: the order of keys is kept and nothing is normalised. */
  @Column({ type: 'text', nullable: true })
  data: string | null;

  @Column({ name: 'reply_to', type: 'text', nullable: true })
  replyTo: string | null;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId: string | null;

  @Column({ type: 'text', nullable: true })
  target: string | null;

  @Column({ type: 'timestamptz' })
  at: Date;

  /** Commit position in the log. */
  @Column({ type: 'bigint', transformer: asBigInt })
  position: bigint;

  /** See `exactText`. */
  @Column({ type: 'text', nullable: true })
  exact: string | null;

  /** Words of the body, for search only. */
  @Column({ type: 'tsvector', select: false, nullable: true })
  search: string | null;
}
