import type { Tellable, Told } from '#libs/platform/errors/told.js';

/** Time after which asking again may help when the store could not be reached, in milliseconds. */
const RETRY_MS = 1_000;

/** What can go wrong between us and the store, each in its own class; the client's own errors do not leave this folder. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** The stream's last revision, `no_stream` if it has none. */
    readonly actual: number | 'no_stream',
  ) {
    super(`Stream ${stream} is at ${actual}, not at ${expected}`);
  }
}

export type ExpectedRevision = number | 'no_stream' | 'stream_exists' | 'any';

/** The store can't be reached, does not answer in time, or is shutting down. An append may or may not have happened. */
export class StoreUnavailable extends Error implements Tellable {
  override readonly name: string = 'StoreUnavailable';

  get told(): Told {
    const message = 'The event store is not reachable, try again';
    return { code: 'store_unavailable', message, retryAfterMs: RETRY_MS };
  }
}

/** The store answers that it can write nothing at this moment, and why: its disk is full, say. Nothing was written. */
export class StoreRefusesWrites extends StoreUnavailable {
  override readonly name = 'StoreRefusesWrites';

  override get told(): Told {
    return { ...super.told, message: 'The event store can write nothing at this moment, try again' };
  }
}

/** The events are larger than the store takes in one append (1 MiB). Nothing was written. */
export class AppendTooLarge extends Error implements Tellable {
  override readonly name = 'AppendTooLarge';

  get told(): Told {
    return { code: 'message_too_large', message: 'The request is too large' };
  }
}

/** The stream was tombstoned: it can never be written or read again. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone';
}

/** The store answered that it will not do this, and asking again will not help: no access, a wrong argument. */
export class StoreFault extends Error {
  override readonly name: string = 'StoreFault';
}

/** What lies at a place of the log is not what was written there. What lies before it, as it is read, was handed over. */
export class DamagedEvent extends StoreFault {
  override readonly name = 'DamagedEvent';
}

/** No event begins at the position a read was to start from: it is of another log, or was never given out. */
export class UnknownPosition extends Error implements Tellable {
  override readonly name = 'UnknownPosition';

  get told(): Told {
    return { code: 'unknown_position', message: 'There is no event at this position' };
  }
}

/**
 * The store holds another log than before, as after a restore from an older copy. What this process has folded is of no
 * use: it can't go on, another that starts can.
 */
export class LogReplaced extends StoreUnavailable {
  override readonly name = 'LogReplaced';
}
