import type { Message } from '#libs/protocol/message.js';

/** Text of others must not move the cursor, change colours or hide anything: control characters are shown, not sent. */
export const printable = (text: string): string =>
  text
    .replaceAll(/\r\n?|\n/g, '\n')
    .replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
      character === '\t' ? '    ' : `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
    )
    .replaceAll('\n', '\n    ');

/** A message as one reads it: `#12 10:03:04 alice: text`; what was missed begins with a bar. */
export const messageLine = (message: Message, missed: boolean): string => {
  const { seq, at, bot } = message;
  return `${missed ? '| ' : ''}#${seq} ${at.slice(11, 19)} ${bot}: ${textOf(message)}`;
};

const textOf = ({ kind, body, redacted }: Message): string => {
  if (kind === 'redacted') return '(took a message back)';
  if (redacted) return '(taken back)';
  return `${kind === 'edited' ? '(edit) ' : ''}${printable(body)}`;
};
