import { createHistogram, performance } from 'node:perf_hooks';
import type { EventLoopUtilization, RecordableHistogram } from 'node:perf_hooks';
import { Boundary } from '../faults/boundary.js';

const TICK = new Boundary('metrics.loop-delay');

/** Milliseconds between two measurements while the process has work, and while it has none. */
const BUSY_MS = 10;
const IDLE_MS = 1_000;
/** Share of the time in which the event loop must have had work to count as busy, from 0 to 1. */
const BUSY_SHARE = 0.05;

/**
 * Measures how late the event loop calls a timer. What it records is the time between two calls of a timer of 10 ms, as
 * Node's own histogram does. While the process has no work it measures only once a second, because a hundred wake-ups a
 * second are a good part of what an idle process costs. Then it sees a pause only if a measurement falls into it; one of
 * 50 ms counts as work, and makes it measure more often.
 */
export class LoopDelay {
  readonly #histogram: RecordableHistogram = createHistogram();
  #everyMs = IDLE_MS;
  #timer: NodeJS.Timeout | undefined;
  #called = 0;
  #weighedAt = 0;
  #weighed: EventLoopUtilization | undefined;

  /** In nanoseconds. Empty again after {@link reset}. */
  get recorded(): Pick<RecordableHistogram, 'count' | 'min' | 'max' | 'mean' | 'stddev' | 'percentile'> {
    return this.#histogram;
  }

  start(): void {
    this.#called = performance.now();
    this.#measureEvery(BUSY_MS);
  }

  stopMeasuring(): void {
    clearInterval(this.#timer);
  }

  reset(): void {
    this.#histogram.reset();
  }

  #measureEvery(ms: number): void {
    clearInterval(this.#timer);
    this.#everyMs = ms;
    this.#timer = setInterval(
      TICK.guard(() => this.#tick()),
      ms,
    ).unref();
  }

  #tick(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#called - this.#everyMs);
    this.#called = now;
    this.#histogram.record(Math.round((BUSY_MS + late) * 1e6));
    // A tick that is nearly a second late must not lead to two decisions at once.
    if (now - this.#weighedAt < IDLE_MS / 2) return;
    this.#weighedAt = now;
    const before = this.#weighed;
    this.#weighed = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#weighed, before);
    const wanted = before && utilization < BUSY_SHARE ? IDLE_MS : BUSY_MS;
    if (wanted !== this.#everyMs) this.#measureEvery(wanted);
  }
}
