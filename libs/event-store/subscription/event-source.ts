import { StoreUnavailable } from '../event-store.errors.js';
import { LOG_START, comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { ReadAnswer } from '../stored/read-answer.js';
import type { ReadCall } from '../stored/read-call.js';
import type { LogRead } from '../stored/read-request.js';

/** What the server looks at to filter. Without any it sends everything. */
export type Wanted = Readonly<{
  streamPrefixes?: readonly string[] | undefined;
  eventTypes?: readonly string[] | undefined;
}>;

/** The subscription after a position, as the server is asked for it. */
export const subscriptionAfter = (from: LogPosition, { streamPrefixes, eventTypes }: Wanted): LogRead => ({
  direction: 'forwards',
  from: comparePositions(from, LOG_START) === 0 ? 'start' : from,
  filter: eventTypes ? { types: eventTypes } : streamPrefixes && { streams: streamPrefixes },
  follow: true,
});

/** One connection's subscription, read step by step. */
export class EventSource {
  readonly #late: NodeJS.Timeout;
  #closed = false;

  constructor(
    private readonly call: ReadCall,
    private readonly confirm: Readonly<{ withinMs: number; onConfirmed: () => void }>,
  ) {
    this.#late = setTimeout(() => {
      call.end(
        new StoreUnavailable(`The event store did not open a subscription within ${confirm.withinMs} ms`),
      );
    }, confirm.withinMs);
  }

  /**
   * The next thing the server said, at once if it is there already. Undefined after `close`.
   * @throws what ended the connection, once everything received before is handed out
   */
  next(): ReadAnswer | undefined | Promise<ReadAnswer | undefined> {
    return this.#take() ?? (this.#closed ? undefined : this.#wait());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#late);
    this.call.cancel();
  }

  async #wait(): Promise<ReadAnswer | undefined> {
    while (!this.#closed) {
      if (this.call.ended) throw new StoreUnavailable('The event store ended the subscription');
      await this.call.more();
      const answer = this.#take();
      if (answer) return answer;
    }
    return undefined;
  }

  #take(): ReadAnswer | undefined {
    if (this.#closed) return undefined;
    const answer = this.call.take();
    if (answer?.kind === 'confirmed') {
      clearTimeout(this.#late);
      this.confirm.onConfirmed();
    }
    return answer;
  }
}
