import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { RequestError } from '#libs/protocol/errors.js';

/** Matches the address of Engine.IO, the only place here that speaks a protocol other than HTTP. */
const ENGINE = /^\/socket\.io\/?(?:\?|$)/;

/**
 * A request that switches protocols only where another protocol exists. Node hands every request with an `Upgrade`
 * header to Engine.IO, which hangs up when it does not know the protocol. But some clients offer `h2c` with every
 * request, and a server may ignore the offer (RFC 9110, 7.8).
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
 * Refuses requests that a proxy in front may understand differently: those with several Host headers, or with the
 * address of another host (RFC 9112, 3.2).
 */
export const refuseAmbiguous = (request: Request, _: Response, next: NextFunction): void => {
  if ((request.headersDistinct['host']?.length ?? 0) > 1)
    next(new RequestError('invalid_payload', 'One Host header is needed, not several'));
  else if (!/^[/*]/.test(request.url))
    next(new RequestError('invalid_payload', 'The address must be a path, without a host'));
  else next();
};

/** Refuses a query that would not be read as it was meant, because its escapes are not UTF-8 (RFC 3986, 2.5). */
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
