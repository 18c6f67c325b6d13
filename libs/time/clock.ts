import { Boundary } from '#libs/platform/faults/boundary.js';

/**
 * Catches what a timer's call throws when nothing else did. A caller whose call must not be lost has a boundary of its
 * own that recovers.
 */
const TIMER = new Boundary('timer');

const safely = (call: () => void) => (): void => {
  try {
    call();
  } catch (error) {
    TIMER.caught(error);
  }
};

/** Cancels a scheduled call. Harmless after the call was made. */
export type Cancel = () => void;

/** Tells and schedules time, so that code can be tested without waiting. */
export interface Clock {
  /** Returns milliseconds since 1970. The value may jump. */
  now(): number;
  /** Returns milliseconds since some fixed moment and never goes back. Used to measure durations and deadlines. */
  elapsed(): number;
  /** Calls once after this many milliseconds. */
  after(ms: number, call: () => void): Cancel;
  /** Calls once in a later turn of the event loop. */
  soon(call: () => void): void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(safely(call), ms);
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(safely(call)),
};
