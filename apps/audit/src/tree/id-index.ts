import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedPage, IdTable, PAGE_BYTES, TABLE_LEAVES, findInPages, requireWhole } from './id-table.js';
import { RecordFile } from './record-file.js';

export const ID_BYTES = 16;
const RECORD_BYTES = 2 * ID_BYTES;
const NO_ID = Buffer.alloc(ID_BYTES);
/** Records that are read at once while a table is made, so that the event loop is free in between. */
const READ_AT_ONCE = 2_048;
/** What stands before the id of a redacted message in the tables. */
const REDACTED = Buffer.from('redacted');

/**
 * Finds the leaf of an event by its id, and whether a message was redacted. The file `ids` has two ids for each leaf: its
 * own and, if it redacts a message, that of the message. Tables of {@link TABLE_LEAVES} leaves each lead to them; the
 * last one is in memory. What a table suggests is compared with `ids`, and a table that is missing or damaged is made
 * again, so they only save time.
 */
export class IdIndex {
  /** Full tables that are not on disk yet, by their number. */
  readonly #full = new Map<number, IdTable>();
  #newest = new IdTable();

  private constructor(
    private readonly folder: string,
    private readonly records: RecordFile,
    private readonly tableLeaves: number,
  ) {}

  /** Opens the index of a tree of this size. @throws RangeError when it holds less, and the file system's error */
  static async openIndex(folder: string, size: number, tableLeaves = TABLE_LEAVES): Promise<IdIndex> {
    const records = await RecordFile.openRecords(join(folder, 'ids'), RECORD_BYTES, size);
    const index = new IdIndex(folder, records, tableLeaves);
    try {
      index.#newest = await index.#tableOf(Math.floor(size / tableLeaves));
    } catch (error) {
      await records.close();
      throw error;
    }
    return index;
  }

  /** Adds the next leaf: the event's id and, if it redacts a message, the id of that message's event. */
  addIds(id: Buffer, redacted: Buffer = NO_ID): void {
    const leaf = this.records.count;
    this.records.addRecord(Buffer.concat([id, redacted]));
    addTo(this.#newest, leaf % this.tableLeaves, id, redacted);
    if (this.records.count % this.tableLeaves !== 0) return;
    this.#full.set(Math.floor(leaf / this.tableLeaves), this.#newest);
    this.#newest = new IdTable();
  }

  /** Returns the last leaf with this id; undefined for none. @throws the file system's error */
  findLeaf(id: Buffer): Promise<number | undefined> {
    return this.#find(id, (record) => record.subarray(0, ID_BYTES).equals(id));
  }

  /** Returns whether a leaf redacts the message whose event has this id. @throws the file system's error */
  async isRedacted(id: Buffer): Promise<boolean> {
    const key = Buffer.concat([REDACTED, id]);
    return (await this.#find(key, (record) => record.subarray(ID_BYTES).equals(id))) !== undefined;
  }

  /** Resolves when everything that was added before the call is on disk. Only one call at a time. */
  async flush(): Promise<void> {
    await this.records.flush();
    for (const [number, table] of this.#full) {
      await this.#writeTable(number, table);
      this.#full.delete(number);
    }
  }

  async close(): Promise<void> {
    await this.records.close();
  }

  async #find(key: Buffer, isWanted: (record: Buffer) => boolean): Promise<number | undefined> {
    const last = Math.floor(this.records.count / this.tableLeaves);
    for (let number = last; number >= 0; number -= 1) {
      const inMemory = number === last ? this.#newest : this.#full.get(number);
      const suggested = inMemory ? await inMemory.findKey(key) : await this.#findOnDisk(number, key);
      for (const at of suggested.toReversed()) {
        const leaf = number * this.tableLeaves + at;
        if (leaf < this.records.count && isWanted(await this.records.readRecords(leaf, 1))) return leaf;
      }
    }
    return undefined;
  }

  async #findOnDisk(number: number, key: Buffer): Promise<number[]> {
    try {
      return await this.#readTable(number, key);
    } catch (error) {
      if (!(error instanceof DamagedPage) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const table = await this.#tableOf(number);
      await this.#writeTable(number, table);
      return table.findKey(key);
    }
  }

  async #readTable(number: number, key: Buffer): Promise<number[]> {
    const file = await open(this.#fileOf(number), 'r');
    try {
      return await findInPages(key, (page) => readPage(file, page));
    } finally {
      await file.close();
    }
  }

  /** Makes a table from the records of its leaves, as far as there are any. */
  async #tableOf(number: number): Promise<IdTable> {
    const table = new IdTable();
    const begin = number * this.tableLeaves;
    const end = Math.min(this.records.count, begin + this.tableLeaves);
    for (let from = begin; from < end; from += READ_AT_ONCE) {
      const records = await this.records.readRecords(from, Math.min(READ_AT_ONCE, end - from));
      for (let at = 0; at < records.length; at += RECORD_BYTES) {
        const [id, redacted] = [
          records.subarray(at, at + ID_BYTES),
          records.subarray(at + ID_BYTES, at + RECORD_BYTES),
        ];
        addTo(table, from - begin + at / RECORD_BYTES, id, redacted);
      }
    }
    return table;
  }

  async #writeTable(number: number, table: IdTable): Promise<void> {
    const draft = `${this.#fileOf(number)}.draft`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(table.sealed());
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#fileOf(number));
  }

  #fileOf(number: number): string {
    return join(this.folder, `ids-${number}`);
  }
}

const addTo = (table: IdTable, leaf: number, id: Buffer, redacted: Buffer): void => {
  table.addKey(id, leaf);
  if (!redacted.equals(NO_ID)) table.addKey(Buffer.concat([REDACTED, redacted]), leaf);
};

/** @throws DamagedPage when the page is cut off or not what was written, and the file system's error */
const readPage = async (file: FileHandle, page: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(PAGE_BYTES);
  const { bytesRead } = await file.read(bytes, 0, PAGE_BYTES, page * PAGE_BYTES);
  return requireWhole(bytes.subarray(0, bytesRead));
};
