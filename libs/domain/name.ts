/**
 * The form of a bot's or channel's name. It has no dot, so that dots can join names (cursor streams, keys).
 */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const isName = (value: unknown): value is string =>
  typeof value === 'string' && NAME_PATTERN.test(value);
