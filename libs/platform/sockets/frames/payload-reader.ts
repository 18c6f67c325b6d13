import { isUtf8 } from 'node:buffer';
import { HEAD_BYTES, notUtf8, spoiledText, tooLong } from './spoiled-frame.js';

/** The byte between two packets of a polling payload (Engine.IO protocol, revision 4). No packet contains it. */
const SEPARATOR = 0x1e;

const NOTHING = Buffer.alloc(0);

/**
 * The packet that is handed to Engine.IO in place of one that can't be read and asks for nothing. No valid packet
 * begins like this.
 */
const NO_PACKET = '?';

/**
 * Splits a polling payload into packets as it arrives, one at a time, however many there are. Keeps only the head of a
 * packet that is too long or not UTF-8, so that its sender can be told.
 */
export class PayloadReader {
  private unread: Buffer = NOTHING;
  private parts: Buffer[] = [];
  private size = 0;
  private isWhole = false;
  /** Bytes and packets that have come so far. */
  bytes = 0;
  packets = 0;

  /** @param most the most bytes that a packet may have */
  constructor(private readonly most: number) {}

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
  }

  /** Says that nothing more will come. */
  end(): void {
    this.isWhole = true;
  }

  /** Returns the next packet, or the frame that stands for it. Returns undefined until the next packet is complete. */
  nextPacket(): string | Buffer | undefined {
    const end = this.unread.indexOf(SEPARATOR);
    if (end !== -1) {
      this.keep(this.unread.subarray(0, end));
      this.unread = this.unread.subarray(end + 1);
      return this.takePacket();
    }
    this.keep(this.unread);
    this.unread = NOTHING;
    if (!this.isWhole) return undefined;
    this.isWhole = false;
    return this.takePacket();
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const wasTooLong = this.size > this.most;
    this.size += bytes.length;
    if (wasTooLong) return;
    this.parts.push(bytes);
    // A view would keep the memory around it alive.
    if (this.size > this.most) this.parts = [Buffer.from(Buffer.concat(this.parts).subarray(0, HEAD_BYTES))];
  }

  private takePacket(): string | Buffer {
    const { parts, size } = this;
    this.parts = [];
    this.size = 0;
    this.packets += 1;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (size > this.most) return spoiledText(bytes, size, tooLong()) ?? NO_PACKET;
    if (!isUtf8(bytes)) return spoiledText(bytes.subarray(0, HEAD_BYTES), size, notUtf8()) ?? NO_PACKET;
    return bytes.toString();
  }
}
