import { StoreUnavailable } from '../event-store.errors.js';
import { LOG_START, comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { ReadAnswer } from '../stored/read-answer.js';
import type { ReadCall } from '../stored/read-call.js';
import type { LogRead } from '../stored/read-request.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

/** The filter that the server applies. Without one it sends everything. */
export type Wanted = Readonly<{
  streamPrefixes?: readonly string[] | undefined;
  eventTypes?: readonly string[] | undefined;
}>;

/** Returns the request for a subscription after a position. */
export const subscriptionAfter = (from: LogPosition, { streamPrefixes, eventTypes }: Wanted): LogRead => ({
  direction: 'forwards',
  from: comparePositions(from, LOG_START) === 0 ? 'start' : from,
  filter: eventTypes ? { types: eventTypes } : streamPrefixes && { streams: streamPrefixes },
  follow: true,
  tellsDamage: true,
});

/** Reads the subscription of one connection, step by step. */
export class EventSource {
  readonly #cancelLate: Cancel;
  #closed = false;

  constructor(
    private readonly call: ReadCall,
    private readonly confirm: Readonly<{ withinMs: number; onConfirmed: () => void }>,
  ) {
    this.#cancelLate = SYSTEM_CLOCK.after(confirm.withinMs, () => {
      call.endSilent('did not open a subscription', confirm.withinMs);
    });
  }

  /**
   * Returns the server's next answer, at once if it is there already; undefined after `close`.
   * @throws the error that ended the connection, once everything received before was handed out
   */
  next(): ReadAnswer | undefined | Promise<ReadAnswer | undefined> {
    return this.#take() ?? (this.#closed ? undefined : this.#wait());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelLate();
    this.call.cancel();
  }

  async #wait(): Promise<ReadAnswer | undefined> {
    while (!this.#closed) {
      if (this.call.ended) throw new StoreUnavailable('The event store ended the subscription');
      await this.call.whenMore();
      const answer = this.#take();
      if (answer) return answer;
    }
    return undefined;
  }

  #take(): ReadAnswer | undefined {
    if (this.#closed) return undefined;
    const answer = this.call.takeAnswer();
    if (answer?.kind === 'confirmed') {
      this.#cancelLate();
      this.confirm.onConfirmed();
    }
    return answer;
  }
}
