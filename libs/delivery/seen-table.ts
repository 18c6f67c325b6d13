import { createHash } from 'node:crypto';

/** Where an accepted message lies in its channel. All that is kept of one: there are tens of thousands. */
export type Seen = Readonly<{
  channel: string;
  seq: number;
  /** Written by this process. */
  ours: boolean;
  /** When the store recorded it, in milliseconds since 1970. */
  at: number;
}>;

/** Names as numbers, for tables that hold nothing else. It forgets none: there are as many as channels. */
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

/** A message id of a bot in numbers: the bot's, and the four words of the id. */
export type Fingerprint = Readonly<[bot: number, number, number, number, number]>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Ids that are no UUIDs, which only a stranger to the protocol can have written, are taken by their SHA-256. */
export class Fingerprints {
  readonly #bots = new Names();

  /** @param key as `acceptedKey` makes it */
  of(key: string): Fingerprint {
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

/** 2^32 divided by the golden ratio, odd: Knuth's multiplier of multiplicative hashing. */
const GOLDEN_RATIO = 0x9e37_79b1;
const FIRST_SLOTS = 1_024;
const FULLEST = 0.6;
const WORDS = 5;

/**
 * Messages by fingerprint, in flat arrays: 40 bytes each and as many for empty slots, and nothing that a garbage
 * collector has to look at. Open addressing with linear probing; nothing is ever removed but everything.
 */
export class SeenTable {
  #slots: number;
  #keys: Uint32Array;
  #seqs: Float64Array;
  #times: Float64Array;
  /** The channel's number and whether it is ours, plus one: 0 is an empty slot. */
  #places: Uint32Array;
  #size = 0;

  /**
   * @param seed only who knows it can make ids that all want the same slot
   * @param room for so many it need not grow
   */
  constructor(
    private readonly channels: Names,
    private readonly seed: number,
    room = 0,
  ) {
    this.#slots = Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2((room + 1) / FULLEST)));
    // Filled, so that the memory is there from the start: what grows later is then none of ours.
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

  /** Keeps the room it has. */
  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  /** Where a key is, or the empty slot it would be put in. */
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
