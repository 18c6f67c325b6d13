import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { isFault, toRequestError } from '#libs/platform/errors/to-request-error.js';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { RecordsItself, accessOf, readerOf } from '#libs/access-trail/records-reads.interceptor.js';
import { RequestError } from '#libs/protocol/errors.js';
import { whenClosed } from '#libs/platform/http/when-closed.js';
import type { CallerRequest } from '#libs/platform/http/caller-request.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { REPLAY_FORMATS } from '../formats/replay-format.js';
import { OpenReplays } from './open-replays.js';
import { ReplayOutput } from './replay-output.js';
import { DescribesReplay } from './replay.openapi.js';
import { parseReplay } from './replay.request.js';
import { Replayer } from './replayer.js';

/** Replays the log itself, for auditors. */
@ApiTags('audit')
@Controller('audit')
export class ReplayController {
  constructor(
    private readonly replayer: Replayer,
    private readonly open: OpenReplays,
    private readonly trail: AccessTrail,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Replays events. Until the first event has been read, an error is sent as an answer; after that, the
   * connection is cut.
   */
  @Get('events')
  @RecordsItself()
  @DescribesReplay()
  async events(
    @Query() query: Record<string, unknown>,
    @Req() request: CallerRequest,
    @Res() response: Response,
  ): Promise<void> {
    const { format, ...replay } = parseReplay(query);
    mustEndVisibly(request);
    if (request.method === 'HEAD') {
      response.type(REPLAY_FORMATS[format].contentType).end();
      return;
    }
    const access = accessOf(request, readerOf(request)!);
    const { ending, leave } = this.open.openReplay(access.keyId, replay);
    const hungUp = (): void => ending.abort();
    whenClosed(response, hungUp);
    const batches = this.replayer.replay(replay, ending.signal);
    try {
      const first = await batches.next();
      await this.trail.record({ ...access, state: 'begun' });
      const output = new ReplayOutput(response, REPLAY_FORMATS[format], ending.signal, takesGzip(request));
      await output.beginOutput(replay.after === undefined);
      await this.print(output, { first, batches, access, signal: ending.signal });
    } finally {
      await batches.return(undefined); // or the store would go on to hold the read
      response.off('close', hungUp);
      leave();
    }
  }

  private async print(output: ReplayOutput, { first, batches, access, signal }: Printing): Promise<void> {
    const printed = (state: 'done' | 'cut') => this.trail.record({ ...access, state, count: output.count });
    try {
      for (let next = first; !next.done && !signal.aborted; next = await batches.next())
        await output.print(next.value);
      signal.throwIfAborted();
      await printed('done');
      await output.endOutput();
    } catch (error) {
      output.cutOutput();
      if (!signal.aborted) this.logCut(error);
      await printed('cut');
    }
  }

  private logCut(err: unknown): void {
    if (isFault(toRequestError(err))) this.logger.error({ component: 'audit', err }, 'A replay failed');
    else this.logger.warn({ component: 'audit', err }, 'A replay was cut short');
  }
}

type Batches = ReturnType<Replayer['replay']>;

type Printing = Readonly<{
  first: Awaited<ReturnType<Batches['next']>>;
  batches: Batches;
  access: ReturnType<typeof accessOf>;
  signal: AbortSignal;
}>;

/**
 * Refuses HTTP/1.0, which has no chunks: an answer that was cut off would look complete.
 *
 * @throws RequestError `invalid_payload`
 */
const mustEndVisibly = ({ httpVersionMajor, httpVersionMinor }: Request): void => {
  if (httpVersionMajor === 1 && httpVersionMinor === 0)
    throw new RequestError(
      'invalid_payload',
      'A replay needs HTTP/1.1: over HTTP/1.0 an incomplete one would look complete',
    );
};

/**
 * Returns whether the client asks for gzip by name. A client that accepts anything gets no compression, so
 * that nothing surprises it.
 */
const takesGzip = (request: Request): boolean =>
  /(^|,)\s*gzip\s*(;\s*q=(1|0\.\d*[1-9]))?\s*(,|$)/i.test(request.headers['accept-encoding'] ?? '');
