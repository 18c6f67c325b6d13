/** Signals that ask for an orderly stop. The last one means that the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Milliseconds within which a second signal counts as the same one: npm passes on the signal that the
 * terminal has already sent to us.
 */
const SAME_MS = 1000;

/**
 * Calls `stop` at the first signal, and `force` at a later one.
 *
 * @returns a function that stops listening for signals
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
