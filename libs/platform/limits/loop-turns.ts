import { Boundary } from '../faults/boundary.js';

const TURN = new Boundary('limits.turn');

type Waiting = Readonly<{ call: () => void; onFault: (() => void) | undefined }>;

/**
 * Divides work that comes in bursts among turns of the event loop: what finds no room in one turn is done in the next, and
 * whatever else has come meanwhile is dealt with in between.
 */
export class LoopTurns {
  private readonly waiting: Waiting[] = [];
  private begunAt: number | undefined;
  private isNextDue = false;
  private count = 0;

  /**
   * @param ms how long the work of one turn may have taken before more is begun
   * @param later calls in the next turn of the event loop
   */
  constructor(
    private readonly ms: number,
    private readonly now: () => number = () => performance.now(),
    private readonly later: (call: () => void) => unknown = setImmediate,
  ) {}

  /** A number that is another one in every turn. */
  get turn(): number {
    this.begin();
    return this.count;
  }

  /** Whether more may be begun in this turn. */
  get hasRoom(): boolean {
    this.begin();
    return this.now() - this.begunAt! < this.ms;
  }

  /**
   * Calls in a turn to come, after all who wait already.
   * @param onFault what ends whatever depends on the call, should it throw
   */
  wait(call: () => void, onFault?: () => void): void {
    this.waiting.push({ call, onFault });
    this.expectNext();
  }

  private begin(): void {
    this.begunAt ??= this.now();
    this.expectNext();
  }

  private expectNext(): void {
    if (this.isNextDue) return;
    this.isNextDue = true;
    this.later(TURN.guard(() => this.next()));
  }

  /** Who asks again meanwhile is called in the turn after, however much room there is. */
  private next(): void {
    this.isNextDue = false;
    this.count += 1;
    this.begunAt = undefined;
    for (let due = this.waiting.length; due > 0 && this.hasRoom; due -= 1) {
      const { call, onFault } = this.waiting.shift()!;
      TURN.run(call, onFault);
    }
    // What comes over the network now is not to wait for those that were called.
    this.begunAt = undefined;
    if (this.waiting.length > 0) this.expectNext();
  }
}

/** The part that one of many has in each turn. */
export class TurnShare {
  private turn = -1;
  private taken = 0;

  /** @param most how often it may begin something in one turn */
  constructor(
    private readonly turns: LoopTurns,
    private readonly most: number,
  ) {}

  /** @returns whether one more thing may be begun in this turn; it counts as begun then */
  take(): boolean {
    const { turn } = this.turns;
    if (turn !== this.turn) {
      this.turn = turn;
      this.taken = 0;
    }
    if (this.taken >= this.most || !this.turns.hasRoom) return false;
    this.taken += 1;
    return true;
  }

  /** As {@link LoopTurns.wait}. */
  wait(call: () => void, onFault?: () => void): void {
    this.turns.wait(call, onFault);
  }
}
