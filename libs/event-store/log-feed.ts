import { Boundary } from '#libs/platform/faults/boundary.js';
import { AwaitedPositions } from './awaited-positions.js';
import { Backoff } from '#libs/time/backoff.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { LogReplaced, StoreUnavailable } from './event-store.errors.js';
import { retry } from '#libs/time/retry.js';
import { sleep } from '#libs/time/sleep.js';
import { LOG_START, comparePositions } from './position.js';
import { CHECKPOINT_WINDOW } from './stored/read-request.js';
import { withResolvers } from './with-resolvers.js';
import type { EventStore } from './event-store.js';
import type { LogPosition } from './position.js';
import { mayBeOneOf } from './recorded-event.js';
import type { PositionedEvent } from './recorded-event.js';
import type { StoredEvent } from './stored/stored-event.js';
import type { ConnectionState, LogSubscription } from './subscription/log-subscription.js';

export type LogListener = Readonly<{
  /** Prefixes of stream names, like `messages-`. */
  prefixes: readonly string[];
  /** Limits the listener to events of these types. If all listeners name types, the store looks for nothing else. */
  types?: readonly string[];
  /**
   * The listener knows everything up to here, so the feed starts here at the latest. Default: wherever the feed is
   * started.
   */
  after?: LogPosition;
  /**
   * Called synchronously: all listeners see an event in one tick, in the order of their registration. If it throws, the
   * feed starts again at this event.
   */
  onEvent(event: PositionedEvent, stored: StoredEvent): void;
  /** Called once, when everything that was in the log at the start has been handled. */
  onCaughtUp?(): void;
}>;

const LISTENER = new Boundary('log.listener');
const OBSERVER = new Boundary('log.observer');

/** Number of times that an event is given to a throwing listener before the feed stops for good. */
const TRIES = 5;

/** Far enough back to be before the last checkpoint, whatever the log's last events are. */
const SEARCH_BACK = 4 * CHECKPOINT_WINDOW;

/** Follows the log with one subscription per process, which all parts of the process share. */
export class LogFeed {
  /**
   * Resolves when everything that was in the log at the start has been handled; rejects if the feed fails or is closed
   * before.
   */
  readonly caughtUp: Promise<void>;
  readonly #listeners: LogListener[] = [];
  readonly #stateListeners: ((state: ConnectionState) => void)[] = [];
  readonly #advanceListeners: ((position: LogPosition) => void)[] = [];
  readonly #failureListeners: ((error: Error) => void)[] = [];
  readonly #awaited = new AwaitedPositions();
  #subscription: LogSubscription | undefined;
  #position = LOG_START;
  #state: ConnectionState = 'reconnecting';
  #failure: Error | undefined;
  readonly #ended = new AbortController();
  readonly #closing = new AbortController();
  #isCaughtUp = false;
  #handled = 0;
  /**
   * The event at which a listener threw, and the index of that listener, so that those before it do not get the event
   * twice.
   */
  #stuck: { position: LogPosition; listener: number; tries: number } | undefined;
  #restarting: Promise<void> | undefined;
  #brings: (event: Pick<PositionedEvent, 'stream' | 'type'>) => boolean = () => false;
  #follow!: (from: LogPosition | 'start' | 'end') => LogSubscription;
  readonly #settleCaughtUp: (error?: Error) => void;

  constructor(private readonly store: Pick<EventStore, 'subscribeToAll' | 'readAll'>) {
    const { promise, resolve, reject } = withResolvers();
    this.caughtUp = promise;
    this.#settleCaughtUp = (error) => (error ? reject(error) : resolve());
    this.caughtUp.catch(() => undefined); // awaiting it is optional
  }

  /** Position up to which every event of the listeners' streams has been handled. */
  get position(): LogPosition {
    return this.#position;
  }

  /** 'reconnecting' until the first connection. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Number of events handed to listeners since the start. */
  get handled(): number {
    return this.#handled;
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** The error with which the feed stopped for good, if it did: a listener threw, or an event could not be decoded. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Returns whether an event is handed to a listener when it comes; false before the start. */
  brings(event: Pick<PositionedEvent, 'stream' | 'type'>): boolean {
    return this.#brings(event);
  }

  /** @throws Error once the feed has started, because the listener would miss earlier events */
  listen(listener: LogListener): void {
    if (this.#subscription) throw new Error('Listeners must be registered before the feed starts');
    this.#listeners.push(listener);
  }

  onStateChange(listener: (state: ConnectionState) => void): void {
    this.#stateListeners.push(listener);
  }

  /** Calls the listener after every handled event and checkpoint. */
  onAdvance(listener: (position: LogPosition) => void): void {
    this.#advanceListeners.push(listener);
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failureListeners.push(listener);
  }

  /**
   * Starts to follow the log after `from`, or earlier if a listener needs that. It never gives up: the store may be
   * away at the start as well as later.
   */
  start(wanted: LogPosition | 'start' | 'end'): void {
    if (this.#subscription) throw new Error('The feed was started already');
    const from = typeof wanted === 'object' ? this.#earliest(wanted) : wanted;
    if (typeof from === 'object') this.#position = from;
    const prefixes = [...new Set(this.#listeners.flatMap((listener) => listener.prefixes))];
    const eventTypes = this.#listeners.every(({ types }) => types !== undefined)
      ? [...new Set(this.#listeners.flatMap(({ types = [] }) => types))]
      : undefined;
    this.#follow = (place) =>
      this.store.subscribeToAll({
        from: place,
        streamPrefixes: prefixes,
        ...(eventTypes && { eventTypes }),
        onEvent: (event, stored) => this.#dispatch(event, stored),
        onProgress: (position) => this.#advance(position),
        onCaughtUp: () => this.#nowCaughtUp(),
        onConnectionChange: (state) => this.#changeState(state),
        onFailure: (error) => this.#failed(error),
      });
    this.#subscription = this.#follow(from);
    this.#brings = (event) =>
      prefixes.some((prefix) => event.stream.startsWith(prefix)) &&
      (eventTypes ? mayBeOneOf(eventTypes, event) : true);
    void this.#awaitHead((event) =>
      eventTypes ? mayBeOneOf(eventTypes, event) : prefixes.some((prefix) => event.stream.startsWith(prefix)),
    );
  }

  /**
   * Resolves when everything up to `position` has been handled, so that what was written there can be read.
   * @throws StoreUnavailable after `timeoutMs`, or when the feed is closed
   */
  async reached(position: LogPosition, timeoutMs: number): Promise<void> {
    const waiting = this.#awaited.await(position, this.#position);
    const cancel = SYSTEM_CLOCK.after(timeoutMs, () => {
      waiting.settle(
        new StoreUnavailable(`The log did not deliver position ${position.commit} within ${timeoutMs} ms`),
      );
    });
    await waiting.done.finally(cancel);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#restarting;
    await this.#subscription?.close();
    this.#end(new StoreUnavailable('The log is no longer followed'));
  }

  #earliest(wanted: LogPosition): LogPosition {
    const places = this.#listeners.flatMap(({ after }) => (after ? [after] : []));
    return places.reduce((first, place) => (comparePositions(place, first) < 0 ? place : first), wanted);
  }

  #dispatch(event: PositionedEvent, stored: StoredEvent): void {
    const stuck = this.#stuck && comparePositions(this.#stuck.position, event.position) === 0 && this.#stuck;
    const first = stuck ? stuck.listener : 0;
    for (let index = first; index < this.#listeners.length; index += 1) {
      const { prefixes, types, onEvent } = this.#listeners[index]!;
      if (types && !mayBeOneOf(types, event)) continue;
      if (!prefixes.some((prefix) => event.stream.startsWith(prefix))) continue;
      try {
        LISTENER.enter();
        onEvent(event, stored);
      } catch (error) {
        const tries = stuck && index === first ? stuck.tries + 1 : 1;
        this.#stuck = { position: event.position, listener: index, tries };
        throw error;
      }
    }
    this.#stuck = undefined;
    this.#handled += 1;
  }

  #advance(position: LogPosition): void {
    this.#position = position;
    this.#awaited.reach(position);
    for (const listener of this.#advanceListeners) OBSERVER.run(() => listener(position));
  }

  #nowCaughtUp(): void {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    this.#settleCaughtUp();
    for (const { onCaughtUp } of this.#listeners) if (onCaughtUp) this.#tell(onCaughtUp);
  }

  /** Waits for the head of the log, because servers before 23.10 do not say when a subscription has caught up. */
  async #awaitHead(concerns: (event: PositionedEvent) => boolean): Promise<void> {
    const findHead = async (): Promise<void> => {
      if (this.#isCaughtUp) return;
      const head = await this.#lastConcerning(concerns);
      await this.#awaited.await(head, this.#position).done;
      this.#nowCaughtUp();
    };
    await retry(findHead, () => true, this.#ended.signal);
  }

  /**
   * Returns the position of the last event that will be handed over, or one so far back that a checkpoint must follow
   * it.
   */
  async #lastConcerning(concerns: (event: PositionedEvent) => boolean): Promise<LogPosition> {
    let seen = 0;
    let position = LOG_START;
    for await (const event of this.store.readAll({ direction: 'backwards', includeSystem: true })) {
      position = event.position;
      if (concerns(event)) return position;
      if (++seen >= SEARCH_BACK) return position;
    }
    return LOG_START;
  }

  #changeState(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) OBSERVER.run(() => listener(state));
  }

  /** Repeats the call until it succeeds, because work that waits for it would otherwise never begin. */
  #tell(onCaughtUp: () => void, backoff = new Backoff()): void {
    OBSERVER.run(onCaughtUp, () =>
      SYSTEM_CLOCK.after(backoff.next(), () => {
        if (!this.#closing.signal.aborted) this.#tell(onCaughtUp, backoff);
      }),
    );
  }

  /**
   * Restarts the feed, so that a listener that threw gets its event again. If it keeps throwing the feed stops, because
   * the listener's state would be wrong from there on.
   */
  #failed(error: Error): void {
    if (!(error instanceof LogReplaced)) LISTENER.caught(error);
    const { signal } = this.#closing;
    if (!this.#stuck || this.#stuck.tries >= TRIES || signal.aborted) return this.#fail(error);
    const wait = new Backoff({ initialMs: 20 * 2 ** this.#stuck.tries, maxMs: 1_000 }).next();
    this.#restarting = this.#beginAnew(wait, signal);
  }

  async #beginAnew(afterMs: number, signal: AbortSignal): Promise<void> {
    await sleep(afterMs, signal);
    if (!signal.aborted) this.#subscription = this.#follow(this.#position);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#end(error);
    for (const listener of this.#failureListeners) OBSERVER.run(() => listener(error));
  }

  #end(error: Error): void {
    this.#ended.abort(error);
    this.#settleCaughtUp(error);
    this.#awaited.endWith(error);
  }
}
