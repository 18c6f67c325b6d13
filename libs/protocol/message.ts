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
  /**
   * For an edit or redaction: the id of the message that it changes, which the same bot posted in the same
   * channel.
   */
  target?: string;
  /**
   * The message was redacted, or it is an edit of a redacted message: `body` is empty and `data` is left out.
   */
  redacted?: true;
  /** When the store recorded the event, ISO 8601 UTC. */
  at: string;
}>;
