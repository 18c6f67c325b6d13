import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { Reflecting } from './read-models.js';

/**
 * Puts the freshness of an answer into headers. Only the caller may cache the answer, and must ask each time
 * whether it is still valid. Express derives an `ETag` from the content; if it still matches, the answer is
 * not sent again.
 */
@Injectable()
export class ReflectingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((result: unknown) => {
        response.setHeader('Cache-Control', 'private, no-cache');
        if (!(result instanceof Reflecting)) return result;
        const { answer, freshness, ageMs } = result;
        response.setHeader('X-Verbatim-Position', freshness.position.toString());
        response.setHeader('X-Verbatim-Lag-Ms', freshness.lagMs.toString());
        if (ageMs !== undefined) {
          response.setHeader('Age', Math.floor(ageMs / 1_000).toString());
          response.setHeader('X-Verbatim-Stale', 'true');
        }
        return answer as unknown;
      }),
    );
  }
}
