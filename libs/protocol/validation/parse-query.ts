import { parseRequest } from './parse-request.js';

const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,14})$/;

/**
 * Checks a query string by the rules all requests are checked by. Everything in it is text; the fields named in
 * `numbers` are made numbers where they are written as such, and are left to the rules to refuse where not.
 *
 * @throws RequestError `invalid_payload` or `invalid_name`
 */
export const parseQuery = <T extends object>(
  shape: new () => T,
  query: Readonly<Record<string, unknown>>,
  numbers: readonly (keyof T & string)[] = [],
): T => {
  const typed: Record<string, unknown> = Object.assign(Object.create(null), query);
  for (const field of numbers) {
    const value = typed[field];
    if (typeof value === 'string' && WHOLE_NUMBER.test(value)) typed[field] = Number(value);
  }
  return parseRequest(shape, typed);
};
