import { Boundary } from './faults/boundary.js';

/** The last one: whoever asks for a call that must not be lost has a boundary of its own, that knows how to go on. */
const TIMER = new Boundary('timer');

const safely = (call: () => void) => (): void => {
  try {
    call();
  } catch (error) {
    TIMER.caught(error);
  }
};

/** Takes back a call that was asked for; harmless once it was made. */
export type Cancel = () => void;

/** Time, as what has to be tested without waiting for it is given it. */
export interface Clock {
  /** Milliseconds since 1970. It may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. For measuring how long something took or may take. */
  elapsed(): number;
  /** Calls once after so many milliseconds. */
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
