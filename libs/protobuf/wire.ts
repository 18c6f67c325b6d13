/**
 * The few Protocol Buffers primitives that frequent messages need. Appends and read events are coded by hand,
 * because google-protobuf costs more than everything else that is done with them. Messages that occur once
 * per call use the generated classes. Encoding: https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const TWO_32 = 0x1_0000_0000;

/** Thrown when the bytes do not hold the expected message. */
export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
}

/** Reads the fields of one message in order. Nothing is copied: `bytes()` returns views of the message. */
export class WireReader {
  field = 0;
  private wireType = 0;

  constructor(
    private readonly source: Buffer,
    private at = 0,
    private readonly end = source.length,
  ) {}

  /** Moves to the next field. Returns false at the end of the message. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.uint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    return true;
  }

  /** Reads an unsigned integer. Above 2^53, the result is the nearest number. */
  uint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else high |= (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) return (high >>> 0) * TWO_32 + (low >>> 0);
    }
    throw new MalformedMessage('A number is longer than ten bytes');
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  /** Reads an unsigned integer of 64 bits exactly. */
  uint64(): bigint {
    const start = this.at;
    const nearest = this.uint();
    if (nearest <= Number.MAX_SAFE_INTEGER) return BigInt(nearest);
    this.at = start;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedMessage('A number is longer than ten bytes');
  }

  bytes(): Buffer {
    const [start, end] = this.span();
    return this.source.subarray(start, end);
  }

  string(): string {
    const [start, end] = this.span();
    return this.source.toString('utf8', start, end);
  }

  message(): WireReader {
    const [start, end] = this.span();
    return new WireReader(this.source, start, end);
  }

  skip(): void {
    if (this.wireType === VARINT) while (this.byte() >= 0x80);
    else if (this.wireType === LENGTH_DELIMITED) this.span();
    else if (this.wireType === FIXED64) this.at += 8;
    else if (this.wireType === FIXED32) this.at += 4;
    else throw new MalformedMessage(`Wire type ${this.wireType} is not known`);
  }

  private span(): [number, number] {
    if (this.wireType !== LENGTH_DELIMITED)
      throw new MalformedMessage('A field does not have the expected type');
    const length = this.uint();
    const start = this.at;
    const end = start + length;
    if (end > this.end) throw new MalformedMessage('A field is longer than its message');
    this.at = end;
    return [start, end];
  }

  private byte(): number {
    if (this.at >= this.end) throw new MalformedMessage('The message ends inside a field');
    return this.source[this.at++]!;
  }
}

/** Returns how many bytes a number takes as a varint. */
export const varintSize = (value: number): number => {
  let size = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 0x80);
    size += 1;
  }
  return size;
};

/**
 * Returns how many bytes a length-delimited field with `length` bytes of content takes, for field numbers up
 * to 15.
 */
export const fieldSize = (length: number): number => 1 + varintSize(length) + length;

const UINT64_MAX = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
const INT64_MAX = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);

/**
 * Writes one message into a buffer. The buffer has the exact size (see `fieldSize`) or, for small messages,
 * an estimated one.
 */
export class WireWriter {
  at = 0;

  constructor(readonly target: Buffer) {}

  /** Returns a writer with 256 bytes, for messages of a few dozen bytes. */
  static small(): WireWriter {
    return new WireWriter(Buffer.allocUnsafe(256));
  }

  finish(): Buffer {
    return this.target.subarray(0, this.at);
  }

  varint(value: number): this {
    while (value >= 0x80) {
      this.target[this.at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.target[this.at++] = value;
    return this;
  }

  uint(field: number, value: number): this {
    this.target[this.at++] = (field << 3) | VARINT;
    return this.varint(value);
  }

  /** Writes 2^64 - 1, which the server uses for "no position". */
  uint64Max(field: number): this {
    this.target[this.at++] = (field << 3) | VARINT;
    return this.raw(UINT64_MAX);
  }

  /** Writes 2^63 - 1, the revision of a tombstone. */
  int64Max(field: number): this {
    this.target[this.at++] = (field << 3) | VARINT;
    return this.raw(INT64_MAX);
  }

  /** Writes the start of a length-delimited field. The caller writes its `length` bytes next. */
  open(field: number, length: number): this {
    this.target[this.at++] = (field << 3) | LENGTH_DELIMITED;
    return this.varint(length);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.open(field, value.length).raw(value);
  }

  string(field: number, value: string, length = Buffer.byteLength(value)): this {
    this.open(field, length);
    this.at += this.target.write(value, this.at, 'utf8');
    return this;
  }

  empty(field: number): this {
    return this.open(field, 0);
  }

  raw(value: Uint8Array): this {
    this.target.set(value, this.at);
    this.at += value.length;
    return this;
  }
}
