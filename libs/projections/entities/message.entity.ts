import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Message } from '#libs/protocol/message.js';
import { asBigInt, asNumber } from './column-transformers.js';

/**
 * A row of the active generation of messages: one for each event of a `messages-` stream. Rows of kind `posted` are the
 * messages in their present state. It is a view, written by its projection.
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

  /** JSON as text, so that the order of keys is kept and nothing is normalised. */
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

  /** Texts that PostgreSQL can't hold, see `exactText`. */
  @Column({ type: 'text', nullable: true })
  exact: string | null;

  /** Only for search, like `search`; see `indexedText`. */
  @Column({ type: 'text', select: false, nullable: true })
  words: string | null;

  @Column({ type: 'tsvector', select: false, nullable: true })
  search: string | null;

  /** Only in rows of kind `posted`: when the message was last edited. */
  @Column({ name: 'edited_at', type: 'timestamptz', nullable: true })
  editedAt: Date | null;

  /** Only in rows of kind `posted`: when the message was redacted. Nothing of its content is stored any more then. */
  @Column({ name: 'redacted_at', type: 'timestamptz', nullable: true })
  redactedAt: Date | null;

  /** Only in rows of kind `posted`: seq of the last edit or redaction. */
  @Column({ name: 'changed_seq', type: 'bigint', nullable: true, transformer: asNumber })
  changedSeq: number | null;

  /** Only in rows of edited messages: the original content as JSON; see `Content`. */
  @Column({ type: 'text', nullable: true })
  original: string | null;
}
