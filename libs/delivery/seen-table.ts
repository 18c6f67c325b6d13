import { createHash } from 'node:crypto';

/**
 * The place of an accepted message in its channel. Only this is kept of each message, because there are tens
 * of thousands.
 */
export type Seen = Readonly<{
  channel: string;
  seq: number;
  /** Whether this process wrote the message. */
  ours: boolean;
  /** When the store recorded it, in milliseconds since 1970. */
  at: number;
}>;

/**
 * Numbers names, for tables that hold only numbers. Names are never removed; there are as many as channels or
 * bots.
 */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  nameOf(number: number): string {
    return this.#names[number]!;
  }
}

/** The message id of a bot as numbers: the number of the bot and the four 32-bit words of the id. */
export type Fingerprint = Readonly<[bot: number, number, number, number, number]>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes fingerprints of ids. An id that is not a UUID (only a client that ignores the protocol can have
 * written one) is represented by its SHA-256.
 */
export class Fingerprints {
  readonly #bots = new Names();

  /** @param key as `acceptedKey` makes it */
  fingerprintOf(key: string): Fingerprint {
    const slash = key.indexOf('/');
    const bot = this.#bots.numberOf(key.slice(0, slash));
    const id = key.slice(slash + 1);
    if (UUID.test(id)) {
      const low = id.slice(24);
      return [
        bot,
        hex(id.slice(0, 8)),
        hex(id.slice(9, 13) + id.slice(14, 18)),
        hex(id.slice(19, 23) + low.slice(0, 4)),
        hex(low.slice(4)),
      ];
    }
    const digest = createHash('sha256').update(id).digest();
    return [
      bot,
      digest.readUInt32LE(0),
      digest.readUInt32LE(4),
      digest.readUInt32LE(8),
      digest.readUInt32LE(12),
    ];
  }
}

const hex = (digits: string): number => Number.parseInt(digits, 16);

/** 2^32 divided by the golden ratio, as an odd number: Knuth's multiplier for multiplicative hashing. */
const GOLDEN_RATIO = 0x9e37_79b1;
const FIRST_SLOTS = 1_024;
const FULLEST = 0.6;
const WORDS = 5;

/**
 * Holds messages by fingerprint, in flat arrays that take 40 bytes per slot, including empty ones, and that
 * the garbage collector does not have to scan. Open addressing with linear probing; single entries are never
 * removed.
 */
export class SeenTable {
  #slots: number;
  #keys: Uint32Array;
  #seqs: Float64Array;
  #times: Float64Array;
  /** The channel's number and whether the message is ours, plus one. 0 marks an empty slot. */
  #places: Uint32Array;
  #size = 0;

  /**
   * @param channels the numbers of channels, shared between tables
   * @param seed a secret: whoever knows it could make ids that all want the same slot
   * @param room how many entries fit before the table has to grow
   */
  constructor(
    private readonly channels: Names,
    private readonly seed: number,
    room = 0,
  ) {
    this.#slots = Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2((room + 1) / FULLEST)));
    // Filled, so that the memory is in use from the start and does not look like growth later.
    this.#keys = new Uint32Array(this.#slots * WORDS).fill(0);
    this.#seqs = new Float64Array(this.#slots).fill(0);
    this.#times = new Float64Array(this.#slots).fill(0);
    this.#places = new Uint32Array(this.#slots).fill(0);
  }

  get size(): number {
    return this.#size;
  }

  get(key: Fingerprint): Seen | undefined {
    const slot = this.#slotOf(key);
    const place = this.#places[slot]!;
    if (place === 0) return undefined;
    const channel = this.channels.nameOf((place - 1) >>> 1);
    return { channel, seq: this.#seqs[slot]!, ours: ((place - 1) & 1) === 1, at: this.#times[slot]! };
  }

  set(key: Fingerprint, { channel, seq, ours, at }: Seen): void {
    if (this.#size >= this.#slots * FULLEST) this.#grow();
    const slot = this.#slotOf(key);
    if (this.#places[slot] === 0) this.#size += 1;
    this.#keys.set(key, slot * WORDS);
    this.#seqs[slot] = seq;
    this.#times[slot] = at;
    this.#places[slot] = this.channels.numberOf(channel) * 2 + (ours ? 1 : 0) + 1;
  }

  /** Removes all entries and keeps the room. */
  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  /** Returns the slot of a key, or the empty slot where it would go. */
  #slotOf(key: Fingerprint): number {
    let slot = this.#hash(key) & (this.#slots - 1);
    while (this.#places[slot] !== 0 && !this.#isAt(slot, key)) slot = (slot + 1) & (this.#slots - 1);
    return slot;
  }

  #hash(key: Fingerprint): number {
    let hash = this.seed;
    for (const word of key) {
      hash = Math.imul(hash ^ word, GOLDEN_RATIO);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #isAt(slot: number, key: Fingerprint): boolean {
    const at = slot * WORDS;
    for (let word = 0; word < WORDS; word += 1) if (this.#keys[at + word] !== key[word]) return false;
    return true;
  }

  #grow(): void {
    const [keys, seqs, times, places] = [this.#keys, this.#seqs, this.#times, this.#places];
    this.#slots *= 2;
    this.#keys = new Uint32Array(this.#slots * WORDS);
    this.#seqs = new Float64Array(this.#slots);
    this.#times = new Float64Array(this.#slots);
    this.#places = new Uint32Array(this.#slots);
    for (const [old, place] of places.entries()) {
      if (place === 0) continue;
      const key = keys.subarray(old * WORDS, (old + 1) * WORDS);
      const slot = this.#slotOf(key as unknown as Fingerprint);
      this.#keys.set(key, slot * WORDS);
      this.#seqs[slot] = seqs[old]!;
      this.#times[slot] = times[old]!;
      this.#places[slot] = place;
    }
  }
}
