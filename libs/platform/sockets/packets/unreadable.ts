import { RequestError } from '#libs/protocol/errors.js';

/** Stands for the name of a request that could not be read. */
export const UNREADABLE = 'unreadable';

/** @throws RequestError when the payload could not be read; the error stands in its place */
export const requireReadable = (payload: unknown): void => {
  if (payload instanceof RequestError) throw payload;
};
