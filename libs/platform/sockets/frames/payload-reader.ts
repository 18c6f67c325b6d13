import { isUtf8 } from 'node:buffer';
import { HEAD_BYTES, notUtf8, spoiledText, tooLong } from './spoiled-frame.js';

/** What stands between two packets of a polling payload (Engine.IO protocol, revision 4); no packet has it inside. */
const SEPARATOR = 0x1e;

const NOTHING = Buffer.alloc(0);

/** What is handed on to Engine.IO for a packet that can't be read and asks nothing: no packet begins so. */
const NO_PACKET = '?';

/**
 * Takes a polling payload apart as it comes: a packet at a time, however many there are. Of a packet that is too long, or no
 * UTF-8, its head is kept, so that whoever sent it can be told.
 */
export class PayloadReader {
  private unread: Buffer = NOTHING;
  private parts: Buffer[] = [];
  private size = 0;
  private isWhole = false;
  /** How many bytes, and packets, have come so far. */
  bytes = 0;
  packets = 0;

  /** @param most bytes a packet may have */
  constructor(private readonly most: number) {}

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
  }

  /** Nothing more comes. */
  end(): void {
    this.isWhole = true;
  }

  /** The next packet, or the frame that stands for it; undefined if no more can be told yet. */
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
    // A view would keep alive what lies around it.
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
