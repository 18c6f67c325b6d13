import { randomUUID } from 'node:crypto';
import { Injectable, SetMetadata } from '@nestjs/common';
import type { CallHandler, CustomDecorator, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { mergeMap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { CallerRequest } from '#libs/platform/http/caller-request.js';
import { AccessTrail } from './access-trail.js';

const RECORDS_ITSELF = 'verbatim:records-itself';

/** Marks routes that record their reads themselves, because they stream. */
export const RecordsItself = (): CustomDecorator => SetMetadata(RECORDS_ITSELF, true);

/** Records every read by an admin or auditor, on any route, before the answer is sent. */
@Injectable()
export class RecordsReadsInterceptor implements NestInterceptor {
  constructor(
    private readonly trail: AccessTrail,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.getType() === 'http' && context.switchToHttp().getRequest<CallerRequest>();
    if (!request || !isRead(request) || this.reflector.get(RECORDS_ITSELF, context.getHandler()))
      return next.handle();
    const who = readerOf(request);
    if (!who) return next.handle();
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.trail.record({
          ...accessOf(request, who),
          state: 'done',
          count: countOf(answer),
        });
        return answer;
      }),
    );
  }
}

export type Reader = Readonly<{ role: 'admin' | 'auditor'; keyId: string }>;

const isRead = ({ method }: CallerRequest): boolean => method === 'GET' || method === 'HEAD';

export const readerOf = ({ caller }: CallerRequest): Reader | undefined =>
  caller === undefined || caller.role === 'bot' ? undefined : { role: caller.role, keyId: caller.keyId };

/** Returns the record of a read, under a new id: what was asked and by whom. */
export const accessOf = (request: Pick<CallerRequest, 'path' | 'query'>, { role, keyId }: Reader) => ({
  access: randomUUID(),
  role,
  keyId,
  path: request.path,
  query: Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, textOf(value)])),
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Returns the number of items of a list, 0 for an empty answer, and 1 for anything else. */
const countOf = (answer: unknown): number => {
  if (answer === undefined || answer === null) return 0;
  const { items } = answer as { items?: unknown };
  return Array.isArray(items) ? items.length : 1;
};
