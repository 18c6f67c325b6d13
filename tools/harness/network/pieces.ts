import type { Random } from '../random.js';

/** Bytes that may wait before the sender has to. */
const MOST_WAITING = 64 * 1024;

/** Passes on a piece. Returns false if the receiver wants no more until {@link Pieces.goOn}. */
type PassOn = (piece: Buffer) => boolean;

/** Cuts and joins what goes in one direction, and passes it on piece by piece, in order. */
export class Pieces {
  /** Called when the sender may go on. */
  onRoom: () => void = () => undefined;
  private waiting: Buffer[] = [];
  private size = 0;
  private isUnderWay = false;
  private isHeldUp = false;
  private end: (() => void) | undefined;
  /** How many single bytes are still to come in a row. */
  private singles = 0;

  constructor(
    private readonly random: Random,
    private readonly counts: { single: number; joined: number },
    private readonly passOn: PassOn,
  ) {}

  /** Takes bytes. Returns false if the sender should wait for {@link onRoom}. */
  add(bytes: Buffer): boolean {
    this.waiting.push(bytes);
    this.size += bytes.length;
    this.schedule();
    return this.size < MOST_WAITING;
  }

  /** Calls back once everything that was added before is passed on. */
  endWith(end: () => void): void {
    this.end = end;
    this.schedule();
  }

  /** Goes on after the receiver had enough. */
  goOn(): void {
    this.isHeldUp = false;
    this.schedule();
  }

  private schedule(): void {
    if (this.isUnderWay || this.isHeldUp) return;
    this.isUnderWay = true;
    // Most pauses are so short that the kernel just does not join the pieces; some let several messages come together.
    const pass = (): void => this.passNext();
    if (this.random.chance(0.03)) setTimeout(pass, this.random.between(1, 30));
    else setImmediate(pass);
  }

  private passNext(): void {
    this.isUnderWay = false;
    if (this.size > 0) this.isHeldUp = !this.passOn(this.take(this.nextSize()));
    if (this.size < MOST_WAITING) this.onRoom();
    if (this.size > 0) this.schedule();
    else this.end?.();
  }

  private nextSize(): number {
    if (this.singles > 0) {
      this.singles -= 1;
      return 1;
    }
    if (this.random.chance(0.3)) {
      this.singles = Math.floor(this.random.between(1, 40));
      return 1;
    }
    if (this.random.chance(0.4)) return this.size;
    return 1 + Math.floor(this.random.next() * Math.min(this.size, 3_000));
  }

  private take(size: number): Buffer {
    if (size === 1) this.counts.single += 1;
    else if (this.waiting.length > 1 && size > this.waiting[0]!.length) this.counts.joined += 1;
    const all = this.waiting.length === 1 ? this.waiting[0]! : Buffer.concat(this.waiting);
    this.waiting = size < all.length ? [all.subarray(size)] : [];
    this.size -= size;
    return all.subarray(0, size);
  }
}
