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
