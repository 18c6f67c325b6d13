import type { Frame } from './engine-connection.js';

/** What keeping a frame takes beside its content. */
const FRAME_OVERHEAD = 64;

/** Frames that came and wait for their turn, in order. */
export class HeldFrames {
  private frames: Frame[] = [];
  private first = 0;
  private size = 0;

  get isEmpty(): boolean {
    return this.first === this.frames.length;
  }

  /** About how many bytes they take. */
  get bytes(): number {
    return this.size;
  }

  push(frame: Frame): void {
    this.frames.push(frame);
    this.size += frame.length + FRAME_OVERHEAD;
  }

  /** Only where it is not empty. */
  shift(): Frame {
    const frame = this.frames[this.first]!;
    this.first += 1;
    this.size -= frame.length + FRAME_OVERHEAD;
    if (this.isEmpty) this.clear();
    return frame;
  }

  clear(): void {
    this.frames = [];
    this.first = 0;
    this.size = 0;
  }
}
