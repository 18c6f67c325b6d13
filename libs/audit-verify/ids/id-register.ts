import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** An id that came twice, by the positions of the first and of the later event. */
export type RepeatedId = Readonly<{ first: bigint; later: bigint }>;

/** Bytes of a key, of which any two ids have different ones: a cryptographic hash. */
export const KEY_BYTES = 16;
const RECORD_BYTES = KEY_BYTES + 8;
const PARTITIONS = 64;
const BLOCK_RECORDS = 1_024;
const BLOCK_BYTES = BLOCK_RECORDS * RECORD_BYTES;

type Partition = { block: Buffer; bytes: number; places: number[] };

/**
 * Finds ids that come more than once among very many. Each id's key and position go to one of many parts by the key,
 * and a part's full blocks go to a file; at the end each part is looked through alone. So memory holds one block a part
 * and then one part, a 64th of all. Logs of fewer than some 65,000 messages mostly need no file. The file has no name
 * once it is open, so nothing is left of it, however the process ends.
 */
export class IdRegister {
  readonly #parts: Partition[] = Array.from({ length: PARTITIONS }, () => ({
    block: Buffer.allocUnsafe(BLOCK_BYTES),
    bytes: 0,
    places: [],
  }));
  #full: { part: Partition; block: Buffer }[] = [];
  #file: FileHandle | undefined;
  #written = 0;

  /** @param folder where the file may be, mode 0600 */
  constructor(private readonly folder: string) {}

  /** Adds an id by its key, in the order of the log. */
  addId(key: Buffer, position: bigint): void {
    const part = this.#parts[key[0]! % PARTITIONS]!;
    key.copy(part.block, part.bytes, 0, KEY_BYTES);
    part.block.writeBigInt64BE(position, part.bytes + KEY_BYTES);
    part.bytes += RECORD_BYTES;
    if (part.bytes < BLOCK_BYTES) return;
    this.#full.push({ part, block: part.block });
    part.block = Buffer.allocUnsafe(BLOCK_BYTES);
    part.bytes = 0;
  }

  /** Writes what is full to the file. To be called now and then. @throws the file system's error */
  async makeRoom(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const { part, block } of full) {
      this.#file ??= await openNameless(this.folder);
      await this.#file.writev([block], this.#written);
      part.places.push(this.#written);
      this.#written += block.length;
    }
  }

  /** Returns the first ids that came more than once, in the order of the log. @throws the file system's error */
  async findRepeated(most: number): Promise<RepeatedId[]> {
    await this.makeRoom();
    let found: RepeatedId[] = [];
    for (const part of this.#parts)
      found = found
        .concat(repeatedIn(await this.#recordsOf(part)))
        .toSorted(byLater)
        .slice(0, most);
    return found;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #recordsOf({ block, bytes, places }: Partition): Promise<Buffer> {
    const records = Buffer.allocUnsafe(places.length * BLOCK_BYTES + bytes);
    for (const [index, place] of places.entries()) {
      const { bytesRead } = await this.#file!.read(records, index * BLOCK_BYTES, BLOCK_BYTES, place);
      if (bytesRead !== BLOCK_BYTES) throw new Error('The file with the ids has become shorter');
    }
    block.copy(records, places.length * BLOCK_BYTES, 0, bytes);
    return records;
  }
}

const byLater = (one: RepeatedId, other: RepeatedId): number => (one.later < other.later ? -1 : 1);

const openNameless = async (folder: string): Promise<FileHandle> => {
  const path = join(folder, `ids-${randomBytes(8).toString('hex')}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
};

/** Looks records up by their keys in a table that holds their numbers plus one. */
const repeatedIn = (records: Buffer): RepeatedId[] => {
  const count = records.length / RECORD_BYTES;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1)));
  const found: RepeatedId[] = [];
  for (let record = 0; record < count; record += 1) {
    const at = record * RECORD_BYTES;
    let slot = records.readUInt32BE(at + 1) % slots.length;
    while (slots[slot] !== 0 && !isSameKey(records, at, (slots[slot]! - 1) * RECORD_BYTES))
      slot = (slot + 1) % slots.length;
    if (slots[slot] === 0) slots[slot] = record + 1;
    else found.push({ first: positionIn(records, slots[slot]! - 1), later: positionIn(records, record) });
  }
  return found;
};

const isSameKey = (records: Buffer, one: number, other: number): boolean =>
  records.compare(records, one, one + KEY_BYTES, other, other + KEY_BYTES) === 0;

const positionIn = (records: Buffer, record: number): bigint =>
  records.readBigInt64BE(record * RECORD_BYTES + KEY_BYTES);
