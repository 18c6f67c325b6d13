/** Handles a fault for the part of the system that it affects. A fault in this handler is reported as well. */
export type OnFault = (error: Error) => void;

type Count = { faults: number; untold: number; loggedAt: number };
type Say = (fault: Readonly<{ where: string; err: Error; untold: number }>) => void;

/** Milliseconds between two log lines about faults of one place. Every fault is counted. */
const LOG_EVERY_MS = 1_000;

const counts = new Map<string, Count>();
let say: Say = ({ where, err }) => process.stderr.write(`${where}: ${err.stack ?? err.message}\n`);

/**
 * Keeps the faults of a handler away from its caller. Node ends the process when an event handler or a timer throws, or
 * when nobody handles a rejection. A fault is counted and logged with its stack, and ends no more than `onFault` ends.
 */
export class Boundary {
  constructor(readonly where: string) {
    if (!counts.has(where)) counts.set(where, { faults: 0, untold: 0, loggedAt: -Infinity });
  }

  /** Calls the function and handles what it throws, and the rejection of a promise that it returns. */
  run(call: () => unknown, onFault?: OnFault): void {
    try {
      this.enter();
      const result = call();
      if (result instanceof Promise) result.catch((error: unknown) => this.caught(error, onFault));
    } catch (error) {
      this.caught(error, onFault);
    }
  }

  /** Wraps a handler so that every call runs inside this boundary. */
  guard<Args extends unknown[]>(
    handler: (...args: Args) => unknown,
    onFault?: OnFault,
  ): (...args: Args) => void {
    return (...args) => this.run(() => handler(...args), onFault);
  }

  /**
   * Marks the entry, for loops too hot for {@link run}. Call it first in a `try` whose `catch` calls {@link caught}. It
   * does nothing; tests put something in its place that throws.
   */
  enter(): void {}

  caught(thrown: unknown, onFault?: OnFault): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    report(this.where, error);
    try {
      onFault?.(error);
    } catch (another) {
      report(this.where, another instanceof Error ? another : new Error(String(another)));
    }
  }
}

/** Sends every fault from now on to this function, which logs it. */
export const sayFaults = (to: Say): void => {
  say = to;
};

/** Returns how many faults each boundary has met, with every boundary listed. */
export const faultCounts = (): ReadonlyMap<string, number> =>
  new Map([...counts].map(([where, { faults }]) => [where, faults]));

const report = (where: string, err: Error): void => {
  const count = counts.get(where)!;
  count.faults += 1;
  const now = performance.now();
  if (now - count.loggedAt < LOG_EVERY_MS) {
    count.untold += 1;
    return;
  }
  const { untold } = count;
  Object.assign(count, { loggedAt: now, untold: 0 });
  try {
    say({ where, err, untold });
  } catch {
    // The log itself is broken. The count remains.
  }
};
