import { NAME_PATTERN } from '../name.js';

/** Checks the value of one field. `says` describes a valid value in words. */
export type Check = Readonly<{ says: string; holds(value: unknown): boolean; optional?: true }>;

/**
 * Holds one check for each field of an event's data. Undeclared fields are ignored, because later versions
 * may add some.
 */
export type Shape<Data> = { readonly [Field in keyof Data]-?: Check };

/** The longest text that our own code writes into a field that names something, in characters. */
const LABEL_LENGTH = 256;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export const text: Check = { says: 'text', holds: (value) => typeof value === 'string' };

export const shortText = (most: number): Check => ({
  says: `text of 1 to ${most} characters`,
  holds: (value) => typeof value === 'string' && value.length > 0 && value.length <= most,
});

/** An id, a hash or a code: short and not empty. */
export const label: Check = shortText(LABEL_LENGTH);

export const name: Check = {
  says: 'a name',
  holds: (value) => typeof value === 'string' && NAME_PATTERN.test(value),
};

export const uuid: Check = {
  says: 'a UUID',
  holds: (value) => typeof value === 'string' && UUID.test(value),
};

/** A seq, or -1 for the place before the first message. */
export const seq: Check = {
  says: 'a whole number from -1',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= -1,
};

export const count: Check = {
  says: 'a whole number from 0',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

export const oneOf = (...values: readonly string[]): Check => ({
  says: values.map((value) => `"${value}"`).join(' or '),
  holds: (value) => typeof value === 'string' && values.includes(value),
});

/** A map of cursors: channel to seq. */
export const seqs: Check = {
  says: 'an object of whole numbers from -1 by channel',
  holds: (value) =>
    isObject(value) && Object.entries(value).every(([key, one]) => NAME_PATTERN.test(key) && seq.holds(one)),
};

/**
 * Any JSON value but null, nested at most `depth` levels. Deeper values would crash the code that serializes
 * them again.
 */
export const jsonNestedAtMost = (depth: number): Check => ({
  says: `a JSON value other than null, nested at most ${depth} deep`,
  holds: (value) => value !== null && isNestedAtMost(value, depth),
});

export const optional = (check: Check): Check => ({ ...check, optional: true });

/**
 * Returns what is wrong with an event's data, or undefined when nothing is. The text quotes none of the data.
 */
export const faultOf = (shape: Readonly<Record<string, Check>>, data: unknown): string | undefined => {
  if (!isObject(data)) return 'its data is not an object';
  for (const field in shape) {
    const check = shape[field]!;
    const value = Object.hasOwn(data, field) ? data[field] : undefined;
    if (value === undefined ? check.optional : check.holds(value)) continue;
    return value === undefined ? `field "${field}" is missing` : `field "${field}" is not ${check.says}`;
  }
  return undefined;
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNestedAtMost = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((one) => isNestedAtMost(one, depth - 1));
};
