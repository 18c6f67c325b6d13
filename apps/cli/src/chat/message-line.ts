import type { Message } from '#libs/protocol/message.js';
import { printable } from '../printable.js';

/**
 * Returns a message as a line for people, such as `#12 10:03:04 alice: text`. A bar marks messages that were
 * missed.
 */
export const messageLine = (message: Message, missed: boolean): string => {
  const { seq, at, bot } = message;
  return `${missed ? '| ' : ''}#${seq} ${at.slice(11, 19)} ${bot}: ${textOf(message)}`;
};

const textOf = ({ kind, body, redacted }: Message): string => {
  if (kind === 'redacted') return '(took a message back)';
  if (redacted) return '(taken back)';
  return `${kind === 'edited' ? '(edit) ' : ''}${printable(body)}`;
};
