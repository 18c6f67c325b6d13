import { closeSync, fdatasync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

const syncAsync = promisify(fdatasync);

/** Milliseconds within which a written mark is synced to disk. */
const SYNC_MS = 5_000;
const MAGIC = Buffer.from('VBMARK01');
const SLOT = 32;
/**
 * Distance of the two slots in bytes. They are in different sectors, so that a torn write or a bad sector leaves the
 * other slot intact.
 */
const SLOT_DISTANCE = 4096;

/**
 * Keeps, in a file of its own, the position up to which the log was synced and acknowledged. A log that ends before it
 * is known to have lost something, even if that is only its very last record. The mark is written after the sync of the
 * log and before the answers, without a sync of its own. So a killed process leaves its newest mark; after a loss of
 * power it may be as old as `SYNC_MS`, but never ahead of the log.
 *
 * slot: magic 8 bytes | position f64 | CRC-32 of both u32; there are two slots, written in turn
 */
export class AcknowledgedEnd {
  private fd: number | undefined;
  private next = 0;
  private position: number | undefined;
  private cancelSync: Cancel | undefined;
  private syncing: Promise<void> | undefined;

  constructor(private readonly file: string) {
    const slots = readSlots(file);
    const known = slots.filter((slot) => slot !== undefined);
    this.position = known.length === 0 ? undefined : Math.max(...known);
    this.next = this.position === undefined || slots[0] !== this.position ? 0 : 1;
  }

  /** The position that the log had reached at least; undefined if there is no such file, or none that can be read. */
  get known(): number | undefined {
    return this.position;
  }

  /** Writes the mark. A failure is ignored, because the log itself is synced and the next call writes a newer mark. */
  noteEnd(position: number): void {
    this.position = position;
    try {
      this.fd ??= openForWriting(this.file);
      writeSync(this.fd, slotOf(position), 0, SLOT, this.next * SLOT_DISTANCE);
      this.next = 1 - this.next;
    } catch {
      return;
    }
    this.cancelSync ??= SYSTEM_CLOCK.after(SYNC_MS, () => this.sync(), { unref: true });
  }

  async close(): Promise<void> {
    this.cancelSync?.();
    await this.syncing;
    if (this.fd === undefined) return;
    try {
      fdatasyncSync(this.fd);
    } catch {
      // the mark stays as old as it is
    }
    closeSync(this.fd);
    this.fd = undefined;
  }

  private sync(): void {
    this.cancelSync = undefined;
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
