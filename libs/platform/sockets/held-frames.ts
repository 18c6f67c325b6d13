import type { Frame } from './engine-connection.js';

/** Bytes that keeping a frame takes in addition to its content. */
const FRAME_OVERHEAD = 64;

/** Holds incoming frames that wait for their turn, in order. */
export class HeldFrames {
  private frames: Frame[] = [];
  private first = 0;
  private size = 0;

  get isEmpty(): boolean {
    return this.first === this.frames.length;
  }

  /** Bytes that the frames take, approximately. */
  get bytes(): number {
    return this.size;
  }

  push(frame: Frame): void {
    this.frames.push(frame);
    this.size += frame.length + FRAME_OVERHEAD;
  }

  /** Removes and returns the first frame. Call it only when there is one. */
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
