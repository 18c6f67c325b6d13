import { sameJson } from '../json.js';
import { Rejection } from '../rejection.js';
import type { Json } from '../json.js';
import type { Via } from '../event.js';
import type { ConversationEvent } from './conversation.events.js';

/**
 * The fields of every request. `id` is the UUID that the bot chose for it. `via` says how it came; that is no part of
 * its content.
 */
type Request = Readonly<{ id: string; channel: string; bot: string; via?: Via }>;

export type PostMessage = Request &
  Readonly<{ type: 'PostMessage'; body: string; data?: Json; replyTo?: string; correlationId?: string }>;

/** Replaces the content of a message. `target` is the id of the original post. */
export type EditMessage = Request &
  Readonly<{ type: 'EditMessage'; target: string; body: string; data?: Json }>;

/** Withdraws a message and all its edits. */
export type RedactMessage = Request & Readonly<{ type: 'RedactMessage'; target: string; reason?: string }>;

export type ConversationCommand = PostMessage | EditMessage | RedactMessage;

/** The event that the channel holds under the id that an edit or redaction names. */
export type Target = Readonly<{ bot: string; type: ConversationEvent['type']; redacted: boolean }>;

/** Stands for an event that was accepted and that retention has since removed. */
export type Gone = Readonly<{ type: 'gone'; channel: string }>;

/** The facts from the log that a command is decided on. */
export type Known = Readonly<{
  /**
   * The event that already has this bot's request id. If retention has removed it, only its channel is known.
   */
  earlier?: ConversationEvent | Gone | undefined;
  target?: Target | undefined;
}>;

/**
 * Accepts each request once. Repeating it with the same content returns no event; repeating it with other
 * content is refused. An edit or redaction must name a message that the same bot posted in this channel and
 * that is not redacted.
 *
 * @throws Rejection `id_conflict`, `unknown_message`, `forbidden` or `message_redacted`
 */
export const decideConversation = (command: ConversationCommand, known: Known): ConversationEvent[] => {
  const event = eventOf(command);
  if (known.earlier !== undefined) {
    requireSame(event, known.earlier);
    return [];
  }
  if (command.type !== 'PostMessage') requireOwn(command, known.target);
  return [event];
};

/** Returns the event that an accepted command records. */
export const eventOf = (command: ConversationCommand): ConversationEvent => {
  switch (command.type) {
    case 'PostMessage': {
      const { type: _type, via: _via, ...data } = command;
      return { type: 'MessagePosted', data };
    }
    case 'EditMessage': {
      const { type: _type, via: _via, ...data } = command;
      return { type: 'MessageEdited', data };
    }
    case 'RedactMessage': {
      const { type: _type, via: _via, ...data } = command;
      return { type: 'MessageRedacted', data };
    }
  }
};

/**
 * Checks that a repeated request has the same content as the first one. Upper and lower case spell the same
 * UUID. For an event that retention has removed, only the channel can be compared.
 *
 * @throws Rejection `id_conflict`
 */
export const requireSame = (event: ConversationEvent, earlier: ConversationEvent | Gone): void => {
  const isSame =
    earlier.type === 'gone'
      ? earlier.channel === event.data.channel
      : earlier.type === event.type && sameJson({ ...earlier.data, id: event.data.id }, event.data);
  if (isSame) return;
  throw new Rejection('id_conflict', `Message id ${event.data.id} was already used for other content`);
};

const requireOwn = (command: EditMessage | RedactMessage, target: Target | undefined): void => {
  const { bot, channel } = command;
  if (target === undefined) {
    throw new Rejection(
      'unknown_message',
      `Bot "${bot}" posted no message ${command.target} in channel "${channel}"`,
    );
  }
  if (target.bot !== bot) {
    throw new Rejection('forbidden', `Message ${command.target} does not belong to bot "${bot}"`);
  }
  if (target.type !== 'MessagePosted') {
    throw new Rejection(
      'unknown_message',
      `${command.target} is an edit or redaction; name the message that was posted`,
    );
  }
  if (target.redacted) throw new Rejection('message_redacted', `Message ${command.target} was redacted`);
};
