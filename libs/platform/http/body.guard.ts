import { isUtf8 } from 'node:buffer';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { raw } from 'express';
import type { Request, Response } from 'express';
import { RequestError } from '#libs/protocol/errors.js';
import { parseExactly } from '#libs/protocol/exact-json/parse-exactly.js';
import { toRequestError } from '../errors/to-request-error.js';
import { isJson } from './json-content.js';

/**
 * Largest body that is read, in bytes; a larger one is answered with 413. It is far above the limit for a message, so
 * that a message that is a little too large gets the answer of our own rules.
 */
const BODY_LIMIT = 64 * 1024;

/**
 * Reads the body of a request, instead of a parser in front of the routes. Register it behind the guard that checks the
 * key, so that without a key no body is read and nobody waits for one. A body must be JSON in UTF-8 and is handed on
 * unchanged, or it is refused.
 */
export class BodyGuard implements CanActivate {
  private readonly read = raw({ limit: BODY_LIMIT, type: () => true });

  /** @throws RequestError `unsupported_media_type`, `malformed_json`, `message_too_large`, `invalid_payload` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (hasBody(request) && !isJson(request.headers['content-type']))
      throw new RequestError('unsupported_media_type', 'Content-Type must be application/json, in UTF-8');
    if (isAsking(request)) response.writeContinue();
    await new Promise<void>((resolve, reject) => {
      this.read(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(toRequestError(error));
      });
    });
    const bytes: unknown = request.body;
    if (Buffer.isBuffer(bytes)) request.body = valueOf(bytes);
    return true;
  }
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Returns whether the client waits for `100 Continue` before it sends its body (RFC 9110, 10.1.1). */
const isAsking = ({ headers }: Request): boolean => /^100-continue$/i.test(headers.expect ?? '');

/** Parses the body. A string or null is JSON too; the rules of the route refuse it. */
const valueOf = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw malformed('The request body is not valid UTF-8');
  const text = bytes.toString();
  if (text.startsWith(MARK))
    throw malformed('The request body begins with a byte order mark, which JSON does not allow');
  try {
    return parseExactly(text);
  } catch (error) {
    throw error instanceof RequestError ? error : malformed('The request body is not valid JSON');
  }
};

const MARK = '\ufeff';

const malformed = (message: string): RequestError => new RequestError('malformed_json', message);
