import { STATUS_CODES } from 'node:http';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { RequestError } from '#libs/protocol/errors.js';
import { isFault, toRequestError } from '../errors/to-request-error.js';
import { seenAddress } from '../connections/seen-addresses.js';
import { bearerKey } from './access.guard.js';
import { noteRefusal, shownBy } from '../access/refusals.js';
import { endUnread, hasUnreadBody } from './unread-body.js';
import type { Logger } from '../logging/logger.js';

/** An RFC 9457 problem document that has the fields of a wire error besides the standard ones. */
export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  retryable: boolean;
  retryAfterMs?: number;
}>;

export const toProblem = (error: RequestError): Problem => {
  const { message, ...wire } = error.toWire();
  const title = STATUS_CODES[wire.status] ?? 'Error';
  return { type: `urn:verbatim:problem:${wire.code}`, title, detail: message, ...wire };
};

/** Answers every error of every route. Faults are logged with all details, and none of these reach the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const answer = toRequestError(error);
    if (isFault(answer)) {
      const err = error instanceof Error ? error : new Error(String(error));
      this.logger.error(
        { component: 'http', err, method: request.method, path: request.path },
        'Request failed',
      );
    }
    noteRefusal({
      code: answer.code,
      route: `${request.method} ${(request.route as { path?: string } | undefined)?.path ?? 'no route'}`,
      ...shownBy(bearerKey(request.headers.authorization)),
      address: seenAddress(request),
    });
    // A stream that has begun can't become a problem document. Only cutting it tells the client that it is incomplete.
    if (response.headersSent) response.destroy();
    else sendProblem(request, response, answer);
  }
}

const sendProblem = (request: Request, response: Response, error: RequestError): void => {
  const problem = toProblem(error);
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (problem.retryable && problem.retryAfterMs !== undefined) {
    response.setHeader('Retry-After', Math.max(1, Math.ceil(problem.retryAfterMs / 1000)));
  }
  // Headers that were set for the intended answer do not apply to the problem document.
  response.setHeader('Cache-Control', 'no-store');
  response.status(problem.status).type('application/problem+json');
  const text = JSON.stringify(problem);
  if (hasUnreadBody(request)) endUnread(request, response, text);
  else response.send(text);
};
