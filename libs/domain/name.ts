/** What a bot or channel may be called. No dot, so that names can be joined with dots (cursor streams, keys). */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const isName = (value: unknown): value is string =>
  typeof value === 'string' && NAME_PATTERN.test(value);
