import { join } from 'node:path';
import { HASH_BYTES } from '#libs/audit-log/merkle/hashing.js';
import { TILE_HEIGHT, TILE_WIDTH } from '#libs/audit-log/tiles/tile-path.js';
import type { FullNode } from '#libs/audit-log/merkle/frontier.js';
import type { TileSpan } from '#libs/audit-log/tiles/tile-nodes.js';
import { IdIndex } from './id-index.js';
import { RecordFile } from './record-file.js';

/** Levels of tiles that a tree of 2^53 leaves has. */
const LEVELS = 7;
const PLACE_BYTES = 8;

/**
 * The tree on disk: a file for each level of tiles, which holds that level's nodes one after the other, and a file with
 * each leaf's position in the log. A tile is a part of a file, so nothing is ever rewritten.
 */
export class TreeFiles {
  private constructor(
    private readonly levels: readonly RecordFile[],
    private readonly places: RecordFile,
    /** The leaves by their events' ids. */
    readonly ids: IdIndex,
  ) {}

  /** Opens the files of a tree of this size. @throws RangeError when they hold less, and the file system's error */
  static async openFiles(folder: string, size: number): Promise<TreeFiles> {
    const opened: { close(): Promise<void> }[] = [];
    const levels: RecordFile[] = [];
    const keep = <Opened extends { close(): Promise<void> }>(file: Opened): Opened => {
      opened.push(file);
      return file;
    };
    const openRecords = async (name: string, bytes: number, count: number): Promise<RecordFile> =>
      keep(await RecordFile.openRecords(join(folder, name), bytes, count));
    try {
      const places = await openRecords('places', PLACE_BYTES, size);
      for (let level = 0; level < LEVELS; level += 1)
        levels.push(await openRecords(`level-${level}`, HASH_BYTES, Math.floor(size / TILE_WIDTH ** level)));
      return new TreeFiles(levels, places, keep(await IdIndex.openIndex(folder, size)));
    } catch (error) {
      await Promise.all(opened.map((file) => file.close()));
      throw error;
    }
  }

  /** Adds a node of the tree, if it is one that tiles hold. */
  addNode({ level, hash }: FullNode): void {
    if (level % TILE_HEIGHT === 0) this.levels[level / TILE_HEIGHT]!.addRecord(hash);
  }

  /** Adds the position of the next leaf in the log. */
  addPlace(commit: bigint): void {
    const record = Buffer.allocUnsafe(PLACE_BYTES);
    record.writeBigUInt64BE(commit);
    this.places.addRecord(record);
  }

  /** Returns neighbouring nodes of a level of tiles. @throws RangeError when the tree has not so many */
  readNodes({ level, first, count }: TileSpan): Promise<Buffer> {
    const file = this.levels[level];
    if (!file) throw new RangeError(`No tree has tiles of level ${level}`);
    return file.readRecords(first, count);
  }

  /** Returns the position of a leaf in the log. @throws RangeError when the tree has no such leaf */
  async readPlace(leaf: number): Promise<bigint> {
    return (await this.places.readRecords(leaf, 1)).readBigUInt64BE();
  }

  /** Resolves when everything that was added before the call is on disk. Only one call at a time. */
  async flush(): Promise<void> {
    for (const file of [this.places, this.ids, ...this.levels]) await file.flush();
  }

  async close(): Promise<void> {
    await Promise.all([this.places, this.ids, ...this.levels].map((file) => file.close()));
  }
}
