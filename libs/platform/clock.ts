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
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};
