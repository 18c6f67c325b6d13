import { RequestError } from '#libs/protocol/errors.js';

/**
 * Returns the place where a page ended, as opaque text. The kind keeps a cursor of one list from being used
 * with another. Only the form is checked here; the meaning of the parts belongs to the list.
 */
export const encodeCursor = (kind: string, ...parts: readonly (string | number | bigint)[]): string =>
  Buffer.from([kind, ...parts].join(' ')).toString('base64url');

/**
 * Returns the parts of a cursor, each checked against its pattern.
 *
 * @throws RequestError `invalid_payload` for anything that {@link encodeCursor} could not have made
 */
export const decodeCursor = (kind: string, cursor: string, patterns: readonly RegExp[]): string[] => {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [given, ...parts] = text.split(' ');
  const sound =
    given === kind &&
    parts.length === patterns.length &&
    patterns.every((pattern, index) => pattern.test(parts[index]!)) &&
    encodeCursor(kind, ...parts) === cursor;
  if (!sound) {
    throw new RequestError(
      'invalid_payload',
      'Field "cursor" must be the "next" of an earlier answer to this list',
    );
  }
  return parts;
};

/** Returns the kind that a cursor claims to be of, so that a list with several kinds knows which one to decode. */
export const cursorKind = (cursor: string): string =>
  Buffer.from(cursor, 'base64url').toString().split(' ', 1)[0]!;

/** A whole number that fits PostgreSQL's bigint. */
export const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,17})$/;
