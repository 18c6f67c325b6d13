import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/**
 * A file of records that all have the same size. Records are only ever added. New ones are in memory until `flush`, and
 * can be read from there.
 */
export class RecordFile {
  /** Records that are not yet known to be on disk, in order. */
  readonly #tail: Buffer[] = [];

  private constructor(
    private readonly file: FileHandle,
    private readonly bytes: number,
    private onDisk: number,
  ) {}

  /**
   * Opens a file and keeps its first `count` records. Those after them were written by a process that died before it
   * could say so.
   *
   * @throws RangeError when the file has fewer records, and the file system's error
   */
  static async openRecords(path: string, bytes: number, count: number): Promise<RecordFile> {
    const file = await open(path, count === 0 ? 'w+' : 'r+', 0o600);
    try {
      const { size } = await file.stat();
      if (size < count * bytes) throw new RangeError(`${path} has ${size} bytes, not ${count * bytes}`);
      await file.truncate(count * bytes);
      return new RecordFile(file, bytes, count);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The number of records, on disk and in memory. */
  get count(): number {
    return this.onDisk + this.#tail.length;
  }

  addRecord(record: Buffer): void {
    this.#tail.push(record);
  }

  /** Returns neighbouring records. @throws RangeError when there are not so many, and the file system's error */
  async readRecords(first: number, count: number): Promise<Buffer> {
    if (first < 0 || count < 0 || first + count > this.count)
      throw new RangeError(`There are ${this.count} records, not ${first + count}`);
    const tail = this.#tail.slice(Math.max(0, first - this.onDisk), Math.max(0, first + count - this.onDisk));
    const stored = Buffer.alloc((count - tail.length) * this.bytes);
    for (let at = 0; at < stored.length;) {
      const { bytesRead } = await this.file.read(stored, at, stored.length - at, first * this.bytes + at);
      if (bytesRead === 0) throw new RangeError('The file is shorter than what was written to it');
      at += bytesRead;
    }
    return Buffer.concat([stored, ...tail]);
  }

  /**
   * Resolves when all records that were there at the call are on disk. Only one call at a time.
   *
   * @throws the file system's error; the records stay in memory then, and the next call tries again
   */
  async flush(): Promise<void> {
    const records = this.#tail.length;
    if (records === 0) return;
    const block = Buffer.concat(this.#tail);
    for (let at = 0; at < block.length;) {
      const place = this.onDisk * this.bytes + at;
      at += (await this.file.write(block, at, block.length - at, place)).bytesWritten;
    }
    await this.file.datasync();
    this.onDisk += records;
    this.#tail.splice(0, records);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
