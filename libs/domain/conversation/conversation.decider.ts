import { sameJson } from '../json.js';
import { Rejection } from '../rejection.js';
import type { Json } from '../json.js';
import type { ConversationEvent, MessagePosted } from './conversation.events.js';

export type PostMessage = Readonly<{
  type: 'PostMessage';
  id: string;
  channel: string;
  bot: string;
  body: string;
  data?: Json;
  replyTo?: string;
  correlationId?: string;
}>;

/**
 * Accepts a message once. `earlier` is the event that this bot's id already stands for, if any: the same content
 * again changes nothing (no event), other content is refused.
 *
 * @throws Rejection `id_conflict`
 */
export const decidePost = (command: PostMessage, earlier: ConversationEvent | undefined): MessagePosted[] => {
  const posted = messagePosted(command);
  if (earlier === undefined) return [posted];
  // Upper and lower case spell the same UUID.
  const earlierContent = { ...earlier.data, id: posted.data.id };
  if (earlier.type === posted.type && sameJson(earlierContent, posted.data)) return [];
  throw new Rejection('id_conflict', `Message id ${command.id} was used already for other content`);
};

const messagePosted = ({ type: _type, ...content }: PostMessage): MessagePosted => ({
  type: 'MessagePosted',
  data: content,
});
