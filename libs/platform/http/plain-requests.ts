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
