import type { Message } from '#libs/protocol/message.js';

/**
 * Returns text from others in a form that cannot move the cursor, change colours or hide anything: control
 * characters are shown as escapes.
 */
export const printable = (text: string): string =>
  text
    .replaceAll(/\r\n?|\n/g, '\n')
    .replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
      character === '\t' ? '    ' : `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
    )
    .replaceAll('\n', '\n    ');

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
