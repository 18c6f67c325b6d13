import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { Reflecting } from './read-models.js';

/**
 * Says in headers how fresh an answer is, and answers with the rest. Only the caller may keep it, and must ask whether
 * it still holds: by its `ETag`, which Express makes of the content, it is told so without being sent it again.
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
