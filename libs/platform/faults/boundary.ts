/** What is done about a fault by whom it concerns. Its own faults are reported as well. */
export type OnFault = (error: Error) => void;

type Count = { faults: number; untold: number; loggedAt: number };
type Say = (fault: Readonly<{ where: string; err: Error; untold: number }>) => void;

/** Of one place, a fault is logged at most so often, in milliseconds; all are counted. */
const LOG_EVERY_MS = 1_000;

const counts = new Map<string, Count>();
let plant: ((where: string) => void) | undefined;
let say: Say = ({ where, err }) => process.stderr.write(`${where}: ${err.stack ?? err.message}\n`);

/**
 * Keeps what goes wrong in a handler from whoever called it: Node ends the process for what an event handler or a timer
 * throws and for a rejection nobody handles. A fault is counted and logged with its stack, and costs what `onFault` ends.
 */
export class Boundary {
  constructor(readonly where: string) {
    if (!counts.has(where)) counts.set(where, { faults: 0, untold: 0, loggedAt: -Infinity });
  }

  /** Calls; what it throws, or what it returns rejects with, ends here. */
  run(call: () => unknown, onFault?: OnFault): void {
    try {
      this.enter();
      const result = call();
      if (result instanceof Promise) result.catch((error: unknown) => this.caught(error, onFault));
    } catch (error) {
      this.caught(error, onFault);
    }
  }

  /** The same handler inside this boundary. */
  guard<Args extends unknown[]>(
    handler: (...args: Args) => unknown,
    onFault?: OnFault,
  ): (...args: Args) => void {
    return (...args) => this.run(() => handler(...args), onFault);
  }

  /** For loops too hot for {@link run}: to be called first in a `try` whose `catch` calls {@link caught}. */
  enter(): void {
    plant?.(this.where);
  }

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

/** Has all faults from here on logged there. */
export const sayFaults = (to: Say): void => {
  say = to;
};

/** How many faults each boundary has met. Every boundary is named. */
export const faultCounts = (): ReadonlyMap<string, number> =>
  new Map([...counts].map(([where, { faults }]) => [where, faults]));

/** For tests: called on entering any boundary, with its name; what it throws is thrown there. */
export const plantFaults = (planted: typeof plant): void => {
  plant = planted;
};

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
    // Whoever writes the log is broken; the count remains.
  }
};
