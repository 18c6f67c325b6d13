import { RequestError } from '#libs/protocol/errors.js';

/** Returns the refusal of a request with an unknown name. Socket.IO also lets numbers through as names. */
export const unknownRequest = (name: unknown): RequestError =>
  new RequestError('unknown_event', `There is no request named "${String(name).slice(0, 64)}"`);
