import { closeSync, fdatasync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

const syncAsync = promisify(fdatasync);

/** Milliseconds after which the mark is on disk at the latest. */
const SYNC_MS = 5_000;
const MAGIC = Buffer.from('VBMARK01');
const SLOT = 32;
/** The two slots lie in sectors of their own: a write that is torn, or a sector that goes bad, leaves the other. */
const SLOT_DISTANCE = 4096;

/**
 * How far the log was synced and answered for, in a file of its own, so that a log which ends before is known to have
 * lost something, even its very last record. It is written after the sync of the log and before the answers, without a
 * sync: what a killed process wrote is there; after a loss of power it may be as old as `SYNC_MS`, never ahead of the log.
 *
 * slot: magic 8 bytes | position f64 | CRC-32 of both u32; two of them, written by turns
 */
export class AcknowledgedEnd {
  private fd: number | undefined;
  private next = 0;
  private position: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private syncing: Promise<void> | undefined;

  constructor(private readonly file: string) {
    const slots = readSlots(file);
    const known = slots.filter((slot) => slot !== undefined);
    this.position = known.length === 0 ? undefined : Math.max(...known);
    this.next = this.position === undefined || slots[0] !== this.position ? 0 : 1;
  }

  /** Where the log ended at least; undefined if there is no such file, or none that can be read. */
  get known(): number | undefined {
    return this.position;
  }

  /** What can't be noted is noted by the next: the log itself is synced. */
  note(position: number): void {
    this.position = position;
    try {
      this.fd ??= openForWriting(this.file);
      writeSync(this.fd, slotOf(position), 0, SLOT, this.next * SLOT_DISTANCE);
      this.next = 1 - this.next;
    } catch {
      return;
    }
    this.timer ??= setTimeout(() => this.sync(), SYNC_MS).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.syncing;
    if (this.fd === undefined) return;
    try {
      fdatasyncSync(this.fd);
    } catch {
      // it is as old as it is
    }
    closeSync(this.fd);
    this.fd = undefined;
  }

  private sync(): void {
    this.timer = undefined;
    this.syncing = syncAsync(this.fd!).catch(() => undefined);
  }
}

const openForWriting = (file: string): number => {
  try {
    return openSync(file, 'r+');
  } catch {
    return openSync(file, 'w+', 0o600);
  }
};

const slotOf = (position: number): Buffer => {
  const bytes = Buffer.alloc(SLOT);
  MAGIC.copy(bytes);
  bytes.writeDoubleBE(position, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 16)), 16);
  return bytes;
};

const readSlots = (file: string): (number | undefined)[] => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return [];
  }
  return [0, SLOT_DISTANCE].map((at) => {
    const slot = bytes.subarray(at, at + SLOT);
    if (slot.length < SLOT || !slot.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    return slot.readUInt32BE(16) === crc32(slot.subarray(0, 16)) ? slot.readDoubleBE(8) : undefined;
  });
};
