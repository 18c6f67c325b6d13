import { RequestError } from '#libs/protocol/errors.js';

/** @throws RequestError `invalid_payload` for any parameter: the route takes none */
export const refuseQuery = (query: Record<string, unknown>): void => {
  const [field] = Object.keys(query);
  if (field !== undefined) throw new RequestError('invalid_payload', `Unknown field "${field.slice(0, 64)}"`);
};
