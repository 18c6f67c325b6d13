import { parseRequest } from './parse-request.js';

const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,14})$/;

/**
 * Checks a query string by the same rules as all requests. Every value in it is text. The fields listed in
 * `numbers` become numbers if they are written as whole numbers; otherwise the rules refuse them.
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
