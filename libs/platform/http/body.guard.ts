import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { json } from 'express';
import type { Request, Response } from 'express';
import { toRequestError } from '../errors/to-request-error.js';

/**
 * Largest body that is read, in bytes. Far above what the rules allow a message, so that one which is too large gets
 * the answer of our rules. Beyond this the answer is 413 as well.
 */
const BODY_LIMIT = 64 * 1024;

/**
 * Reads a request's body, in the place of a parser before the routes: to be registered behind the guard that looks at the
 * key, so that nobody without one has a body read, or waits for it.
 */
export class BodyGuard implements CanActivate {
  // Not strict: a text or null is JSON too, which the rules refuse as what it is.
  private readonly parse = json({ limit: BODY_LIMIT, strict: false });

  /** @throws RequestError `malformed_json`, `message_too_large`, `invalid_payload`: the parser's own text is not kept */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (isAsking(request)) response.writeContinue();
    await new Promise<void>((resolve, reject) => {
      this.parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(toRequestError(error));
      });
    });
    return true;
  }
}

/** Whether the client waits for a word before it sends its body (RFC 9110, 10.1.1). */
const isAsking = ({ headers }: Request): boolean => /^100-continue$/i.test(headers.expect ?? '');
