import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import type { CallerRequest } from './caller-request.js';

/** Injects the caller of a route that is not open to anybody. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<CallerRequest>().caller,
);
