import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Places } from '#libs/platform/limits/places.js';
import { RequestError } from '#libs/protocol/errors.js';

/** Replays at a time in this process, over HTTP and Socket.IO together: each holds a read of the log open. */
const REPLAYS = { shared: 32, firsts: 32 };
const RETRY_AFTER_MS = 5_000;

/** A replay under way: what ends it, and what ends it and gives its place back. */
export type OpenReplay = Readonly<{ ending: AbortController; leave(): void }>;

/**
 * Gives replays their places, of which no key can take all, and ends them when the process stops: one that follows would
 * never end by itself.
 */
@Injectable()
export class OpenReplays implements BeforeApplicationShutdown {
  private readonly places = new Places(REPLAYS);
  private readonly open = new Set<AbortController>();
  private stopping = false;

  /** @throws RequestError `rate_limited` when this key has all it may have for now, `server_stopping` */
  enter(keyId: string): OpenReplay {
    if (this.stopping) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    const giveBack = this.places.take(keyId);
    if (!giveBack)
      throw new RequestError(
        'rate_limited',
        'This key has as many replays under way as others leave it, try again',
        RETRY_AFTER_MS,
      );
    const ending = new AbortController();
    this.open.add(ending);
    const leave = (): void => {
      // Whatever it has open to read the log by ends with it.
      ending.abort();
      this.open.delete(ending);
      giveBack();
    };
    return { ending, leave };
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
    for (const ending of this.open) ending.abort();
  }
}
