import { Boundary } from '../faults/boundary.js';

const TURN = new Boundary('limits.turn');

type Waiting = Readonly<{ call: () => void; onFault: (() => void) | undefined }>;

/**
 * Spreads bursts of work over turns of the event loop. Work that finds no room in one turn is done in a later one, so that
 * other work can run in between.
 */
export class LoopTurns {
  private readonly waiting: Waiting[] = [];
  private begunAt: number | undefined;
  private isNextDue = false;
  private count = 0;

  /**
   * @param ms milliseconds of work in one turn, after which no more work begins in it
   * @param later calls a function in the next turn of the event loop
   */
  constructor(
    private readonly ms: number,
    private readonly now: () => number = () => performance.now(),
    private readonly later: (call: () => void) => unknown = setImmediate,
  ) {}

  /** The number of the present turn. Every turn has a different one. */
  get turn(): number {
    this.begin();
    return this.count;
  }

  /** Whether more work may begin in this turn. */
  get hasRoom(): boolean {
    this.begin();
    return this.now() - this.begunAt! < this.ms;
  }

  /**
   * Makes the call in a later turn, after the calls that already wait.
   * @param onFault called if the call throws: it ends what depends on the call
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
    this.later(
      TURN.guard(
        () => this.callWaiting(),
        () => this.beginTurn(),
      ),
    );
  }

  /** Makes the calls that wait. A call that is added meanwhile waits for the turn after this one, even if there is room. */
  private callWaiting(): void {
    this.beginTurn();
    for (let due = this.waiting.length; due > 0 && this.hasRoom; due -= 1) {
      const { call, onFault } = this.waiting.shift()!;
      TURN.run(call, onFault);
    }
    // The next input from the network gets a full turn: these calls do not count against it.
    this.begunAt = undefined;
  }

  private beginTurn(): void {
    this.isNextDue = false;
    this.count += 1;
    this.begunAt = undefined;
    if (this.waiting.length > 0) this.expectNext();
  }
}

/** Limits how much work one source, such as a connection, may begin in each turn. */
export class TurnShare {
  private turn = -1;
  private taken = 0;

  /** @param most how many times it may begin work in one turn */
  constructor(
    private readonly turns: LoopTurns,
    private readonly most: number,
  ) {}

  /** @returns whether work may begin now. If so, it counts as begun. */
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

  /** Makes the call in a later turn, as {@link LoopTurns.wait} does. */
  wait(call: () => void, onFault?: () => void): void {
    this.turns.wait(call, onFault);
  }
}
