import { RequestError } from '#libs/protocol/errors.js';

/** What a request nobody knows is answered with. Socket.IO lets numbers through as names, too. */
export const unknownRequest = (name: unknown): RequestError =>
  new RequestError('unknown_event', `There is no request named "${String(name).slice(0, 64)}"`);
