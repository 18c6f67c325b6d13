import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Allowances } from '#libs/platform/limits/allowances.js';
import { Places } from '#libs/platform/limits/places.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Replay } from './replay.request.js';

/**
 * How many replays one process runs at a time, over HTTP and Socket.IO together. Each one holds a read of the
 * log open.
 */
const REPLAYS = { shared: 32, firsts: 32 };
const RETRY_AFTER_MS = 5_000;
/**
 * How many following replays one key may start, per second and in one burst. Ending one resets its stream at
 * the store, and the store closes the connection of a client that resets too many streams.
 */
const FOLLOWS = { rate: 5, burst: 64 };

/** A running replay. `ending` aborts it; `leave` aborts it and gives its place back. */
export type OpenReplay = Readonly<{ ending: AbortController; leave(): void }>;

/**
 * Gives replays their places, so that no key can take all of them, and ends the replays when the process
 * stops. A replay that follows would never end by itself.
 */
@Injectable()
export class OpenReplays implements BeforeApplicationShutdown {
  private readonly places = new Places(REPLAYS);
  private readonly follows = new Allowances(FOLLOWS);
  private readonly open = new Set<AbortController>();
  private stopping = false;

  /**
   * Gives a replay a place.
   *
   * @throws RequestError `rate_limited` when this key has used its share for now; `server_stopping`
   */
  openReplay(keyId: string, { follow }: Pick<Replay, 'follow'>): OpenReplay {
    if (this.stopping) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    const retryAfterMs = follow ? this.follows.allowanceOf(keyId).takeTokens(1) : 0;
    if (retryAfterMs > 0) {
      const message = `This key starts more than ${FOLLOWS.rate} following replays a second`;
      throw new RequestError('rate_limited', message, retryAfterMs);
    }
    const giveBack = this.places.takePlace(keyId);
    if (!giveBack)
      throw new RequestError(
        'rate_limited',
        'This key already has its full share of running replays, try again',
        RETRY_AFTER_MS,
      );
    const ending = new AbortController();
    this.open.add(ending);
    const leave = (): void => {
      // Aborting also ends the reads of the log that the replay still has open.
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
