import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { Caller, Role } from '../access/caller.js';
import type { CallerRequest } from './caller-request.js';

export const ACCESS_METADATA = 'verbatim:access';

/** Who may use a route: callers with one of these roles, or anybody. */
export type AccessRule = readonly Role[] | 'open';

/** Lets callers with one of the roles in. On a controller it holds for all routes that say nothing themselves. */
export const Access = (...roles: [Role, ...Role[]]): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata<string, AccessRule>(ACCESS_METADATA, roles), ApiBearerAuth());

/** Lets everybody in, with or without a key. */
export const Open = (): CustomDecorator => SetMetadata<string, AccessRule>(ACCESS_METADATA, 'open');

/** The caller of a route marked with {@link Access}. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<CallerRequest>().caller,
);
