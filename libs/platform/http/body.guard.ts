import { isUtf8 } from 'node:buffer';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { raw } from 'express';
import type { Request, Response } from 'express';
import { RequestError } from '#libs/protocol/errors.js';
import { parseExactly } from '#libs/protocol/exact-json/parse-exactly.js';
import { toRequestError } from '../errors/to-request-error.js';
import { isJson } from './json-content.js';

/**
 * Largest body that is read, in bytes. Far above what the rules allow a message, so that one which is too large gets
 * the answer of our rules. Beyond this the answer is 413 as well.
 */
const BODY_LIMIT = 64 * 1024;

/**
 * Reads a request's body, in the place of a parser before the routes: to be registered behind the guard that looks at the
 * key, so that nobody without one has a body read, or waits for it. A body is JSON in UTF-8 and comes back as it was sent, or is
 * refused.
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

/** Whether the client waits for a word before it sends its body (RFC 9110, 10.1.1). */
const isAsking = ({ headers }: Request): boolean => /^100-continue$/i.test(headers.expect ?? '');

/** A text or null is JSON too, which the rules refuse as what it is. */
const valueOf = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw malformed('The request body is not valid UTF-8');
  const text = bytes.toString();
  if (text.startsWith(MARK))
    throw malformed('The request body begins with a byte order mark, which JSON has not');
  try {
    return parseExactly(text);
  } catch (error) {
    throw error instanceof RequestError ? error : malformed('The request body is not valid JSON');
  }
};

const MARK = '\ufeff';

const malformed = (message: string): RequestError => new RequestError('malformed_json', message);
