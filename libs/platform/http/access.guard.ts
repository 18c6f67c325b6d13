import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { RequestError } from '#libs/protocol/errors.js';
import type { Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import { hasShownKey } from '../connections/guard-connections.js';
import { ACCESS_METADATA, type AccessRule } from './access.decorator.js';
import type { CallerRequest } from './caller-request.js';

/**
 * Lets a request through only where `@Access` names the caller's role, or `@Open` says that anybody may. A route that
 * says neither is closed to everybody: forgetting the decorator can't open a door.
 */
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator | undefined,
  ) {}

  /** @throws RequestError `unauthenticated` or `forbidden` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === 'open') return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const key = bearerKey(request.headers.authorization);
    const caller = key === undefined ? undefined : await this.callerOf(key);
    if (caller === undefined) throw new RequestError('unauthenticated', 'A valid key is needed');
    if (rule?.includes(caller.role) !== true) {
      throw new RequestError('forbidden', `This is not for ${caller.role} keys`);
    }
    request.caller = caller;
    hasShownKey(request.socket);
    return true;
  }

  private async callerOf(key: string): Promise<Caller | undefined> {
    return this.authenticator?.authenticate(key) ?? this.authenticator?.authenticateNew?.(key);
  }
}

/** The credentials of an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110, 11.1). */
export const bearerKey = (header: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
