import type { Response } from 'express';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { RequestError } from '#libs/protocol/errors.js';
import type { Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import { noteShownKey } from '../connections/guard-connections.js';
import type { PeopleLimits } from './people-limits.js';
import { seenSender } from '../connections/seen-addresses.js';
import { isOpenTo, ruleOf } from '../access/access-matrix.js';
import type { Matrix } from '../access/access-matrix.js';
import { OpenAccess } from '../access/open-access.js';
import type { CallerRequest } from './caller-request.js';
import { whenClosed } from './when-closed.js';

/**
 * Lets a request through only when the access table names the caller's role or allows everybody. A route that the table
 * does not list is closed to everybody, so forgetting one can't open a door. On every route, a streamed answer is cut
 * when its key is withdrawn.
 */
export class AccessGuard implements CanActivate {
  private readonly open: OpenAccess | undefined;

  constructor(
    private readonly authenticator: Authenticator | undefined,
    private readonly people: PeopleLimits,
    private readonly matrix: Matrix,
  ) {
    this.open = authenticator && new OpenAccess(authenticator);
  }

  /** @throws RequestError `unauthenticated`, `forbidden` or `rate_limited` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const door = doorOf(request);
    if (ruleOf(door, this.matrix)?.who === 'anybody') return true;
    // A proxy may choose another one of the headers than we do.
    if ((request.headersDistinct['authorization']?.length ?? 0) > 1)
      throw new RequestError('unauthenticated', 'One Authorization header is needed, not several');
    const key = bearerKey(request.headers.authorization);
    const caller = key === undefined ? undefined : await this.callerOf(key, seenSender(request));
    if (caller === undefined) throw new RequestError('unauthenticated', 'A valid key is needed');
    if (!isOpenTo(caller.role, door, this.matrix)) {
      throw new RequestError('forbidden', `This is not for ${caller.role} keys`);
    }
    request.caller = caller;
    noteShownKey(request.socket);
    const response = context.switchToHttp().getResponse<Response>();
    // The gateway counts the requests of bots, over HTTP and Socket.IO together.
    if (caller.role !== 'bot') this.people.beginRequest(caller.keyId, response);
    this.holdOpen(key!, response);
    return true;
  }

  /**
   * Cuts a stream when its key is withdrawn. An answer that has not begun may still be given, and one that is
   * completely written can't be taken back.
   */
  private holdOpen(key: string, response: Response): void {
    const release = this.open?.closeOnWithdrawal(key, () => {
      if (response.headersSent && !response.writableEnded) response.destroy();
    });
    if (release) whenClosed(response, release);
  }

  private async callerOf(key: string, from: string): Promise<Caller | undefined> {
    return this.authenticator?.authenticate(key) ?? this.authenticator?.authenticateNew?.(key, from);
  }
}

/** Returns the door as the access table names it. Express answers HEAD with the handler of GET. */
const doorOf = ({ method, route }: CallerRequest): string =>
  `${method === 'HEAD' ? 'GET' : method} ${(route as { path?: string } | undefined)?.path ?? ''}`;

/**
 * Returns the credentials of an `Authorization: Bearer …` header. The scheme's case does not matter (RFC 9110, 11.1).
 */
export const bearerKey = (header: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
