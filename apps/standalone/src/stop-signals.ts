/** Signals that mean: stop in order. The last is a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A second signal within this time is the first one again: npm passes on what the terminal has sent us already. */
const SAME_MS = 1000;

/**
 * Calls `stop` at the first signal and `force` at one that comes later still.
 * @returns a function that ends listening
 */
export const onStopSignals = (stop: () => void, force: () => void): (() => void) => {
  let first: number | undefined;
  const onSignal = (): void => {
    if (first === undefined) {
      first = Date.now();
      stop();
    } else if (Date.now() - first > SAME_MS) force();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
};
