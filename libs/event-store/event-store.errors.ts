import type { Tellable, Told } from '#libs/platform/errors/told.js';

/** Milliseconds after which trying again may help when the store could not be reached. */
const RETRY_MS = 1_000;

/**
 * Reports that a stream was not at the revision that an append expected. Every failure of the store has an error class
 * of its own here; the client's own errors do not leave this folder.
 */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** The stream's last revision; `no_stream` if it has none. */
    readonly actual: number | 'no_stream',
  ) {
    super(`Stream ${stream} is at ${actual}, not at ${expected}`);
  }
}

export type ExpectedRevision = number | 'no_stream' | 'stream_exists' | 'any';

/**
 * Reports that the store can't be reached, does not answer in time, or is shutting down. An append may or may not have
 * happened.
 */
export class StoreUnavailable extends Error implements Tellable {
  override readonly name: string = 'StoreUnavailable';

  get told(): Told {
    const message = 'The event store is not reachable, try again';
    return { code: 'store_unavailable', message, retryAfterMs: RETRY_MS };
  }
}

/** Reports that the store can't write at this moment, with its reason, such as a full disk. Nothing was written. */
export class StoreRefusesWrites extends StoreUnavailable {
  override readonly name = 'StoreRefusesWrites';

  override get told(): Told {
    return { ...super.told, message: 'The event store can’t write at the moment; try again' };
  }
}

/** Reports that the events are larger than the store accepts in one append (1 MiB). Nothing was written. */
export class AppendTooLarge extends Error implements Tellable {
  override readonly name = 'AppendTooLarge';

  get told(): Told {
    return { code: 'message_too_large', message: 'The request is too large' };
  }
}

/** Reports that the stream was tombstoned: it can never be written or read again. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone';
}

/** Reports that the store refused the request and trying again will not help: no access, or a wrong argument. */
export class StoreFault extends Error {
  override readonly name: string = 'StoreFault';
}

/**
 * Reports that a place in the log does not contain what was written. Everything that the read found before it was
 * handed over.
 */
export class DamagedEvent extends StoreFault {
  override readonly name = 'DamagedEvent';
}

/**
 * Reports that no event begins at the position where a read was to start: the position is from another log, or never
 * existed.
 */
export class UnknownPosition extends Error implements Tellable {
  override readonly name = 'UnknownPosition';

  get told(): Told {
    return { code: 'unknown_position', message: 'There is no event at this position' };
  }
}

/**
 * Reports that the store holds another log than before, as after a restore from an older copy. The state in this
 * process is useless: this process can't go on, but a newly started one can.
 */
export class LogReplaced extends StoreUnavailable {
  override readonly name = 'LogReplaced';
}
