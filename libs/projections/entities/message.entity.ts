import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Message } from '#libs/protocol/message.js';
import { asBigInt, asNumber } from './column-transformers.js';

/**
 * The active generation of messages: one row for each event of a `messages-` stream. Rows of kind `posted` are the
 * messages as they stand now. A view, written by its projection.
 */
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

  /** For search only, as `search`; see `indexedText`. */
  @Column({ type: 'text', select: false, nullable: true })
  words: string | null;

  @Column({ type: 'tsvector', select: false, nullable: true })
  search: string | null;

  /** Of a posted message: when it was last edited. */
  @Column({ name: 'edited_at', type: 'timestamptz', nullable: true })
  editedAt: Date | null;

  /** Of a posted message: when it was redacted; nothing of what it said is here any more. */
  @Column({ name: 'redacted_at', type: 'timestamptz', nullable: true })
  redactedAt: Date | null;

  /** Of a posted message: seq of the last edit or redaction of it. */
  @Column({ name: 'changed_seq', type: 'bigint', nullable: true, transformer: asNumber })
  changedSeq: number | null;

  /** Of an edited message: what it said at first, as JSON; see `Content`. */
  @Column({ type: 'text', nullable: true })
  original: string | null;
}
