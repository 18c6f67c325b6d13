import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { RequestError } from '#libs/protocol/errors.js';

/** Where Engine.IO is; nothing else here speaks another protocol than HTTP. */
const ENGINE = /^\/socket\.io\/?(?:\?|$)/;

/**
 * A request that asks for another protocol only where there is one. Node hands every request with an `Upgrade` header to
 * Engine.IO, which hangs up on what it does not know; but `h2c` is offered by some clients with every request, and may be
 * declined by answering as if it was not there (RFC 9110, 7.8).
 */
export class PlainRequest extends IncomingMessage {
  constructor(socket: Socket) {
    super(socket);
    let isAsked = false;
    Object.defineProperty(this, 'upgrade', {
      get: () => isAsked && (this.method === 'CONNECT' || isForEngine(this)),
      set: (asked: boolean) => (isAsked = asked),
    });
  }
}

const isForEngine = ({ url, headers }: IncomingMessage): boolean =>
  ENGINE.test(url ?? '') && headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Refuses what a proxy in front may understand otherwise than we do: two names of the host, and the address of another host
 * (RFC 9112, 3.2).
 */
export const refuseAmbiguous = (request: Request, _: Response, next: NextFunction): void => {
  if ((request.headersDistinct['host']?.length ?? 0) > 1)
    next(new RequestError('invalid_payload', 'One Host header is needed, not several'));
  else if (!/^[/*]/.test(request.url))
    next(new RequestError('invalid_payload', 'The address must be a path, without a host'));
  else next();
};

/** Refuses a query that would be read otherwise than it was meant: with escapes that are no UTF-8 (RFC 3986, 2.5). */
export const refuseUnreadable = ({ url }: Request, _: Response, next: NextFunction): void => {
  const unreadable = parametersOf(url).find((parameter) => !isEncoded(parameter));
  const name = unreadable?.split('=')[0]?.slice(0, 64);
  if (name === undefined) next();
  else next(new RequestError('invalid_payload', `Parameter "${name}" must be percent-encoded UTF-8`));
};

const parametersOf = (url: string): string[] => {
  const query = url.indexOf('?');
  return query === -1 ? [] : url.slice(query + 1).split('&');
};

const isEncoded = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};
