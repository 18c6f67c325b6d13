import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A page has 63 slots of 8 bytes, and the checksum of these. */
const SLOT_BYTES = 8;
const SLOTS = 63;
export const PAGE_BYTES = (SLOTS + 1) * SLOT_BYTES;
const SUMMED_BYTES = SLOTS * SLOT_BYTES;
const PAGES = 8_192;

/** How many leaves a table is for. Each may add two keys, and then half of the slots are taken. */
export const TABLE_LEAVES = 131_072;
export const TABLE_BYTES = PAGES * PAGE_BYTES;

/** Where to look for a key: the page to begin with, and what stands in its slot. */
type Mark = Readonly<{ page: number; tag: number }>;

/** Reports that a page is not what was written. */
export class DamagedPage extends Error {
  override readonly name = 'DamagedPage';
}

/**
 * A hash table from keys to leaves, in the form in which it is on disk: a key's slot is in the page that its hash names,
 * or in the next one when that is full. It only suggests leaves: other keys may have the same mark.
 */
export class IdTable {
  readonly #bytes = Buffer.alloc(TABLE_BYTES);

  /** Adds a key. `leaf` is counted from the table's first one. @throws RangeError when the table is full */
  addKey(key: Uint8Array, leaf: number): void {
    const { page, tag } = markOf(key);
    for (let step = 0; step < PAGES; step += 1) {
      const begin = ((page + step) % PAGES) * PAGE_BYTES;
      for (let at = begin; at < begin + SUMMED_BYTES; at += SLOT_BYTES) {
        if (this.#bytes.readUInt32BE(at + 4) !== 0) continue;
        this.#bytes.writeUInt32BE(tag, at);
        this.#bytes.writeUInt32BE(leaf + 1, at + 4);
        return;
      }
    }
    throw new RangeError('The table of ids is full');
  }

  /** Returns the leaves that were added with this key, or with one of the same mark, in the order of adding. */
  async findKey(key: Uint8Array): Promise<number[]> {
    return findInPages(key, async (page) => this.#bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
  }

  /** Returns the table as it is written to disk. Later keys do not change it. */
  sealed(): Buffer {
    const sealed = Buffer.from(this.#bytes);
    for (let begin = 0; begin < TABLE_BYTES; begin += PAGE_BYTES)
      sealed.writeUInt32BE(sumOf(sealed.subarray(begin, begin + PAGE_BYTES)), begin + SUMMED_BYTES);
    return sealed;
  }
}

/** Does what {@link IdTable.findKey} does, in pages that come from elsewhere. @throws what `readPage` throws */
export const findInPages = async (
  key: Uint8Array,
  readPage: (page: number) => Promise<Buffer>,
): Promise<number[]> => {
  const { page, tag } = markOf(key);
  const found: number[] = [];
  for (let step = 0; step < PAGES; step += 1) {
    const slots = await readPage((page + step) % PAGES);
    for (let at = 0; at < SUMMED_BYTES; at += SLOT_BYTES) {
      const leaf = slots.readUInt32BE(at + 4);
      if (leaf === 0) return found;
      if (slots.readUInt32BE(at) === tag) found.push(leaf - 1);
    }
  }
  return found;
};

/** @throws DamagedPage unless the page is as {@link IdTable.sealed} wrote it */
export const requireWhole = (page: Buffer): Buffer => {
  if (page.length !== PAGE_BYTES || page.readUInt32BE(SUMMED_BYTES) !== sumOf(page))
    throw new DamagedPage('A page of the index of ids is damaged');
  return page;
};

/** Never 0, so that a page of zeros is no whole one. */
const sumOf = (page: Buffer): number => crc32(page.subarray(0, SUMMED_BYTES)) || 1;

/** Keys may have been chosen or be alike at their beginning, so they are hashed. */
const markOf = (key: Uint8Array): Mark => {
  const digest = hash('sha256', key, 'buffer');
  return { page: digest.readUInt32BE(0) % PAGES, tag: digest.readUInt32BE(4) };
};
