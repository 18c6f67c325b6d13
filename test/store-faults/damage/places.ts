import type { Kept, WholeLog } from './whole-log.js';

/** What kind of byte is damaged. */
export const CLASSES = [
  'frame',
  'length',
  'body',
  'sum',
  'chain',
  'footer',
  'marker',
  'acknowledged end',
  'index',
  'index after a crash',
] as const;
export type PlaceClass = (typeof CLASSES)[number];

export const KINDS = ['flip', 'zero', 'cut', 'repeat'] as const;
export type Kind = (typeof KINDS)[number];

export interface Place {
  readonly file: string;
  readonly offset: number;
}

export type Random = () => number;

/** Returns the same numbers for the same seed (mulberry32). */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const FOOTER = 24;
const BODY_AT = 54;

/** Returns a place of a class, somewhere in the log. */
export const placeOf = (log: WholeLog, wanted: PlaceClass, random: Random): Place => {
  const within = (file: string): Place => ({ file, offset: below(random, log.files.get(file)!.length) });
  switch (wanted) {
    case 'marker':
      return within('format.json');
    case 'acknowledged end':
      return within('acknowledged.end');
    case 'index':
    case 'index after a crash':
      return within('index.mdb');
    case 'footer': {
      const file = [...log.files.keys()].find((name) => name.endsWith('.kept'))!;
      return { file, offset: log.files.get(file)!.length - 1 - below(random, FOOTER + 8) };
    }
    default: {
      const hit = log.events[below(random, log.events.length)]!;
      const start = startOf(log, hit);
      return { file: start.file, offset: start.offset + inRecord(wanted, hit.record.length, random) };
    }
  }
};

const inRecord = (wanted: PlaceClass, length: number, random: Random): number => {
  switch (wanted) {
    case 'length':
      return random() < 0.5 ? below(random, 4) : length - 1 - below(random, 4);
    case 'frame':
      return 4 + below(random, 8);
    case 'sum':
      return 12 + below(random, 4);
    case 'chain':
      return length - 8 + below(random, 4);
    default:
      return BODY_AT + below(random, length - BODY_AT - 8);
  }
};

/** Finds where a record begins by its bytes: in a scavenged file it is not where its position says. */
const startOf = (log: WholeLog, { record }: Kept): Place => {
  for (const [file, bytes] of log.files) {
    const offset = file.startsWith('events-') ? bytes.indexOf(record) : -1;
    if (offset !== -1) return { file, offset };
  }
  throw new Error('An event is in no file');
};

/** Returns the bytes of a file with the damage. */
export const damaged = (bytes: Buffer, offset: number, kind: Kind, random: Random): Buffer => {
  const changed = Buffer.from(bytes);
  const length = 1 + below(random, 64);
  switch (kind) {
    case 'flip':
      changed[offset]! ^= 1 << below(random, 8);
      return changed;
    case 'zero':
      return changed.fill(0, offset, Math.min(changed.length, offset + length));
    case 'cut':
      return changed.subarray(0, offset);
    case 'repeat': {
      const block = changed.subarray(Math.max(0, offset - 5 * length), offset);
      return Buffer.concat([changed.subarray(0, offset), block, changed.subarray(offset)]);
    }
  }
};
