import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { Reflecting } from './read-models.js';

/** Says in headers how fresh an answer is, and answers with the rest. Answers about people's words are not cached. */
@Injectable()
export class ReflectingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((result: unknown) => {
        response.setHeader('Cache-Control', 'no-store');
        if (!(result instanceof Reflecting)) return result;
        response.setHeader('X-Verbatim-Position', result.freshness.position.toString());
        response.setHeader('X-Verbatim-Lag-Ms', result.freshness.lagMs.toString());
        return result.answer as unknown;
      }),
    );
  }
}
