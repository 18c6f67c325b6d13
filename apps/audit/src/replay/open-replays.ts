import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Allowances } from '#libs/platform/limits/allowances.js';
import { Places } from '#libs/platform/limits/places.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Replay } from './replay.request.js';

/** Replays at a time in this process, over HTTP and Socket.IO together: each holds a read of the log open. */
const REPLAYS = { shared: 32, firsts: 32 };
const RETRY_AFTER_MS = 5_000;
/**
 * Follows of one key that may begin, by second and at once. One that is left resets its stream at the store, which ends the
 * connection of a client that resets too many.
 */
const FOLLOWS = { rate: 5, burst: 64 };

/** A replay under way: what ends it, and what ends it and gives its place back. */
export type OpenReplay = Readonly<{ ending: AbortController; leave(): void }>;

/**
 * Gives replays their places, of which no key can take all, and ends them when the process stops: one that follows would
 * never end by itself.
 */
@Injectable()
export class OpenReplays implements BeforeApplicationShutdown {
  private readonly places = new Places(REPLAYS);
  private readonly follows = new Allowances(FOLLOWS);
  private readonly open = new Set<AbortController>();
  private stopping = false;

  /** @throws RequestError `rate_limited` when this key has all it may have for now, `server_stopping` */
  enter(keyId: string, { follow }: Pick<Replay, 'follow'>): OpenReplay {
    if (this.stopping) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    const retryAfterMs = follow ? this.follows.of(keyId).take(1) : 0;
    if (retryAfterMs > 0) {
      const message = `This key begins more than ${FOLLOWS.rate} follows a second`;
      throw new RequestError('rate_limited', message, retryAfterMs);
    }
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
