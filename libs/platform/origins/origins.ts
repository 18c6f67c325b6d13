import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { RequestError } from '#libs/protocol/errors.js';
import { ANY_ORIGIN, mayPageAsk } from './allowed-origin.js';

/** Returns what pages of the listed origins may do over HTTP, for the CORS protocol of the Fetch standard. */
export const corsOf = (allowed: readonly string[]) => ({
  origin: allowed.includes(ANY_ORIGIN) ? ANY_ORIGIN : [...allowed],
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'If-None-Match'],
  exposedHeaders: [
    'Age',
    'ETag',
    'Retry-After',
    'X-Verbatim-Position',
    'X-Verbatim-Lag-Ms',
    'X-Verbatim-Stale',
  ],
  maxAge: 600,
});

/** Refuses HTTP requests from pages of other origins. */
export const refusePages =
  (allowed: readonly string[]) =>
  ({ headers }: Request, _: Response, next: NextFunction): void => {
    if (mayPageAsk(headers.origin, headers.host, allowed)) next();
    else
      next(
        new RequestError(
          'forbidden',
          'Pages of this origin may not use this server: VERBATIM_ORIGINS lists those that may',
        ),
      );
  };

/** Does the same for Engine.IO, as its `allowRequest`, for polling and WebSockets alike. */
export const allowPages =
  (allowed: readonly string[]) =>
  ({ headers }: IncomingMessage, decide: (error: string | null, isAllowed: boolean) => void): void => {
    const isAllowed = mayPageAsk(headers.origin, headers.host, allowed);
    decide(isAllowed ? null : 'Pages of this origin may not connect here', isAllowed);
  };
