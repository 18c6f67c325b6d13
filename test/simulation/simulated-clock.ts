import type { Cancel, Clock } from '#libs/time/clock.js';

type Due = { at: number; order: number; call: (() => void) | undefined };

/** A clock that moves only when told to. It jumps to whatever is due next, however far away that is. */
export class SimulatedClock implements Clock {
  private readonly heap: Due[] = [];
  private asked = 0;

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  elapsed(): number {
    return this.time;
  }

  after(ms: number, call: () => void): Cancel {
    const due: Due = { at: this.time + Math.max(0, ms), order: (this.asked += 1), call };
    this.push(due);
    return () => (due.call = undefined);
  }

  soon(call: () => void): void {
    this.after(0, call);
  }

  /** Lets the next thing happen, if it is due by then. @returns false if nothing is due */
  step(until: number): boolean {
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.at > until) return false;
      this.pop();
      if (next.call === undefined) continue;
      this.time = next.at;
      next.call();
      return true;
    }
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, due)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

/** The clock of one process. Nothing that the process waits for happens after its end. */
export class ProcessClock implements Clock {
  private ended = false;

  constructor(private readonly world: Clock) {}

  now(): number {
    return this.world.now();
  }

  elapsed(): number {
    return this.world.elapsed();
  }

  after(ms: number, call: () => void): Cancel {
    return this.world.after(ms, () => {
      if (!this.ended) call();
    });
  }

  soon(call: () => void): void {
    this.after(0, call);
  }

  /** Ends the process as SIGKILL does. */
  end(): void {
    this.ended = true;
  }
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
