import type { Json } from '#libs/domain/json.js';

/** One event of a `messages-` stream as bots see it. `seq` is contiguous within the channel, from 0. */
export type Message = Readonly<{
  id: string;
  channel: string;
  seq: number;
  kind: 'posted' | 'edited' | 'redacted';
  bot: string;
  body: string;
  data?: Json;
  replyTo?: string;
  correlationId?: string;
  /** Of an edit or redaction: the id of the message, which the same bot posted in the same channel. */
  target?: string;
  /** It was redacted, or is an edit of one that was: `body` is empty and `data` is withheld. */
  redacted?: true;
  /** When the store recorded it, ISO 8601 UTC. */
  at: string;
}>;
