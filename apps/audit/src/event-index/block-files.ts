import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPosition } from '#libs/event-store/position.js';
import {
  DamagedBlock,
  FIXED_HEAD_BYTES,
  bucketFor,
  headBytes,
  placesIn,
  readHead,
  type BlockHead,
} from './index-block.js';

const NAME = /^block-(\d{8})$/;
const nameOf = (number: number): string => `block-${String(number).padStart(8, '0')}`;

/**
 * The blocks of an index on disk, a file for each, in the order of the log. Heads are in memory (2 KiB for each 65,000
 * entries); entries are read when they are asked for. Files are opened for a read and closed again, because a long log
 * has more blocks than a process may have files open.
 */
export class BlockFiles {
  readonly #heads: BlockHead[];

  private constructor(
    private readonly folder: string,
    heads: BlockHead[],
  ) {
    this.#heads = heads;
  }

  /**
   * Opens the blocks in a folder, which is made if need be. Blocks from the first that is damaged or missing on are
   * removed, because they can be made again.
   *
   * @throws the file system's error
   */
  static async openBlocks(folder: string): Promise<BlockFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const heads: BlockHead[] = [];
    for (;;) {
      const head = await headOf(join(folder, nameOf(heads.length)));
      if (!head) break;
      heads.push(head);
    }
    const files = new BlockFiles(folder, heads);
    await files.#removeFrom(heads.length);
    return files;
  }

  get heads(): readonly BlockHead[] {
    return this.#heads;
  }

  /** Adds a block. It is on disk when this resolves, or not there at all. @throws the file system's error */
  async addBlock(bytes: Buffer): Promise<void> {
    const path = join(this.folder, nameOf(this.#heads.length));
    const draft = `${path}.draft`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    this.#heads.push(readHead(bytes.subarray(0, headBytes(bytes))));
  }

  /** Returns the places of a hash in one block, in the order of the log. @throws DamagedBlock */
  async placesIn(block: number, hashed: bigint): Promise<LogPosition[]> {
    const bucket = bucketFor(this.#heads[block]!, hashed);
    if (bucket.length === 0) return [];
    const path = join(this.folder, nameOf(block));
    return placesIn(await readBytes(path, bucket.offset, bucket.length), bucket, hashed);
  }

  /** Removes all blocks, so that the index is made again from the start. */
  async removeAll(): Promise<void> {
    this.#heads.length = 0;
    await this.#removeFrom(0);
  }

  async #removeFrom(first: number): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const number = NAME.exec(name)?.[1];
      if (number === undefined ? name.endsWith('.draft') : Number(number) >= first)
        await rm(join(this.folder, name), { force: true });
    }
  }
}

/** Returns the head of a block; undefined for one that is damaged or missing. @throws the file system's error */
const headOf = async (path: string): Promise<BlockHead | undefined> => {
  try {
    const bytes = headBytes(await readBytes(path, 0, FIXED_HEAD_BYTES));
    return readHead(await readBytes(path, 0, bytes));
  } catch (error) {
    if (error instanceof DamagedBlock || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The longest part that is ever read: a block whose entries all have the same term. */
const MAX_BYTES = 16 * 1024 * 1024;

/** @throws DamagedBlock when the file is shorter or missing; the file system's error */
const readBytes = async (path: string, offset: number, length: number): Promise<Buffer> => {
  if (length > MAX_BYTES) throw new DamagedBlock('The head of a block is damaged');
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new DamagedBlock('A block is missing') : error;
  });
  try {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
      if (bytesRead === 0) throw new DamagedBlock('A block is shorter than it was');
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
};
