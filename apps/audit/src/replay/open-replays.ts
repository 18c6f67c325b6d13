import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { RequestError } from '#libs/protocol/errors.js';

/** Replays at a time in this process: each holds a read of the log open. */
const MAX_REPLAYS = 32;
const RETRY_AFTER_MS = 5_000;

/** Counts the replays under way, and ends them when the process stops: one that follows would never end by itself. */
@Injectable()
export class OpenReplays implements BeforeApplicationShutdown {
  private readonly open = new Set<AbortController>();
  private stopping = false;

  /**
   * @returns what ends the replay, to be given back by `leave`
   * @throws RequestError `rate_limited` when there are too many, `server_stopping`
   */
  enter(): AbortController {
    if (this.stopping) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    if (this.open.size >= MAX_REPLAYS)
      throw new RequestError(
        'rate_limited',
        `${MAX_REPLAYS} replays are under way, try again`,
        RETRY_AFTER_MS,
      );
    const ending = new AbortController();
    this.open.add(ending);
    return ending;
  }

  leave(ending: AbortController): void {
    this.open.delete(ending);
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
    for (const ending of this.open) ending.abort();
  }
}
