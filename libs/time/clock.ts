/** Cancels a scheduled call. Harmless after the call was made. */
export type Cancel = () => void;

export type TimerOptions = Readonly<{
  /** True for a call that does not keep the process alive by itself. */
  unref?: boolean;
}>;

/** Tells and schedules time, so that code can be tested without waiting. */
export interface Clock {
  /** Returns milliseconds since 1970. The value may jump. */
  now(): number;
  /** Returns milliseconds since some fixed moment and never goes back. Used to measure durations and deadlines. */
  elapsed(): number;
  /** Calls once after this many milliseconds. */
  after(ms: number, call: () => void, options?: TimerOptions): Cancel;
  /** Calls once in a later turn of the event loop. */
  soon(call: () => void): void;
}

let takeFault: (error: unknown) => void = (error) => {
  throw error;
};

/**
 * Hands what a timer's call throws to this function from now on. Until then it ends the process. A caller whose call
 * must not be lost catches by itself, and recovers.
 */
export const catchTimerFaults = (take: (error: unknown) => void): void => {
  takeFault = take;
};

const safely = (call: () => void) => (): void => {
  try {
    call();
  } catch (error) {
    takeFault(error);
  }
};

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, call, { unref = false } = {}) => {
    const timer = setTimeout(safely(call), ms);
    if (unref) timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(safely(call)),
};
