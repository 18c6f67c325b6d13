import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** Thrown for a file whose bytes are not text in UTF-8. */
export class NotText extends Error {}

/**
 * Reads a small file that a person made. Spaces at both ends and a byte order mark are no part of the text. Bytes that are
 * not understood are never replaced, because a key or secret would become another one: some shells write UTF-16.
 *
 * @param file name of the file, or an open file
 * @throws NotText
 * @throws Error with Node's `code` when the file can't be read
 */
export const readText = (file: string | number): string => {
  const bytes = readFileSync(file);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    const place = typeof file === 'string' ? file : 'Standard input';
    throw new NotText(`${place} is not text in UTF-8`);
  }
  return bytes.toString().trim();
};
