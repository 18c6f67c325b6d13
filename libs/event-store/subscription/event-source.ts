import { eventTypeFilter, streamNameFilter } from '@eventstore/db-client';
import { READ_BUFFER } from '../read-events.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { LOG_START, comparePositions } from '../position.js';
import type { AllStreamResolvedEvent, AllStreamSubscription } from '@eventstore/db-client';
import type { StoreClient } from '../client.js';
import type { LogPosition } from '../position.js';

/** Events looked through between two checkpoints of a filtered subscription. */
export const CHECKPOINT_WINDOW = 256;

/** What the server looks at to filter. Without any it sends everything. */
export type Wanted = Readonly<{
  streamPrefixes?: readonly string[] | undefined;
  eventTypes?: readonly string[] | undefined;
}>;

/** What one connection's subscription has to say next, in the order of the log. */
export type Signal =
  | { kind: 'event'; resolved: AllStreamResolvedEvent }
  | { kind: 'checkpoint'; position: LogPosition }
  | { kind: 'caughtUp' };

/**
 * One server subscription, read step by step. The client reports checkpoints and 'caughtUp' when they arrive, ahead of
 * events that still wait in its buffer; here they come after those events.
 */
export class EventSource {
  readonly #subscription: AllStreamSubscription;
  #checkpoint: LogPosition | undefined;
  #caughtUp = false;
  readonly #late: NodeJS.Timeout;
  #ended: Error | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(
    client: StoreClient,
    from: LogPosition,
    { streamPrefixes, eventTypes }: Wanted,
    confirm: Readonly<{ withinMs: number; onConfirmed: () => void }>,
  ) {
    const prefixes = eventTypes ?? streamPrefixes;
    const filter =
      prefixes &&
      (eventTypes ? eventTypeFilter : streamNameFilter)({
        prefixes: [...prefixes],
        maxSearchWindow: CHECKPOINT_WINDOW,
        checkpointReached: (_, position) => this.#note(() => (this.#checkpoint = position)),
      });
    this.#subscription = client.subscribeToAll(
      {
        fromPosition: comparePositions(from, LOG_START) === 0 ? 'start' : from,
        ...(filter && { filter }),
      },
      READ_BUFFER,
    );
    this.#late = setTimeout(
      () =>
        this.#end(
          new StoreUnavailable(`The event store did not open a subscription within ${confirm.withinMs} ms`),
        ),
      confirm.withinMs,
    );
    this.#subscription
      .on('confirmation', () => {
        clearTimeout(this.#late);
        confirm.onConfirmed();
      })
      .on('caughtUp', () => this.#note(() => (this.#caughtUp = true)))
      .on('readable', () => this.#wake())
      .on('error', (error) => this.#end(error))
      .on('end', () => this.#end(new StoreUnavailable('The event store ended the subscription')));
  }

  /**
   * The next thing in order, at once if it is there already. Undefined after `close`.
   * @throws what ended the connection, once everything received before is handed out
   */
  next(): Signal | undefined | Promise<Signal | undefined> {
    return this.#take() ?? (this.#closed ? undefined : this.#wait());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#late);
    void this.#subscription.unsubscribe().catch(() => undefined); // rejects when no call was ever opened
    this.#subscription.resume(); // a call with unread data would never end
    this.#wake();
  }

  async #wait(): Promise<Signal | undefined> {
    while (!this.#closed) {
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      const signal = this.#take();
      if (signal) return signal;
    }
    return undefined;
  }

  #take(): Signal | undefined {
    if (this.#closed) return undefined;
    const resolved = this.#subscription.read() as AllStreamResolvedEvent | null;
    if (resolved) return { kind: 'event', resolved };
    const position = this.#checkpoint;
    this.#checkpoint = undefined;
    if (position) return { kind: 'checkpoint', position };
    if (!this.#caughtUp) return undefined;
    this.#caughtUp = false;
    return { kind: 'caughtUp' };
  }

  #note(remember: () => void): void {
    remember();
    this.#wake();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake();
  }
}
