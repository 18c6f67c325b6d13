import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import {
  DamagedBlock,
  bucketFor,
  encodeBlock,
  hashTerm,
  headBytes,
  placesIn,
  readHead,
  type Bucket,
  type IndexEntry,
} from './index-block.js';

const LAST = { position: at(1_000), eventId: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f' };
const STREAMS = ['cursor-alice.default', 'cursor-bö.x'];

/** Few terms for many places, so that some have several and others none. */
const terms = fc.integer({ min: 0, max: 60 }).map((number) => `event:${number}`);
const entries = fc.array(
  fc.record({ hash: terms.map(hashTerm), position: fc.integer({ min: 0, max: 999 }).map(at) }),
);

const bucketOf = (block: Buffer, term: string): Bucket =>
  bucketFor(readHead(block.subarray(0, headBytes(block))), hashTerm(term));

const placesOf = (block: Buffer, term: string) => {
  const bucket = bucketOf(block, term);
  return placesIn(block.subarray(bucket.offset, bucket.offset + bucket.length), bucket, hashTerm(term));
};

const commitsOf = (found: readonly IndexEntry[]): bigint[] =>
  found.map(({ position }) => position.commit).toSorted((a, b) => (a < b ? -1 : 1));

describe('a block of the index', () => {
  it('gives the places of each term, in the order of the log', () => {
    fc.assert(
      fc.property(entries, terms, (given, term) => {
        const places = placesOf(encodeBlock(given, LAST, STREAMS), term);
        const wanted = given.filter(({ hash }) => hash === hashTerm(term));
        expect(places.map(({ commit }) => commit)).toEqual(commitsOf(wanted));
      }),
    );
  });

  it('says up to where it goes, and which streams are new', () => {
    const block = encodeBlock([], LAST, STREAMS);
    expect(readHead(block)).toMatchObject({ bytes: block.length, last: LAST, cursorStreams: STREAMS });
  });

  it('never gives a wrong answer when a byte is changed', () => {
    fc.assert(
      fc.property(entries, terms, fc.nat(), fc.boolean(), (given, term, place, anywhere) => {
        const block = encodeBlock(given, LAST, STREAMS);
        const expected = placesOf(block, term);
        const { offset, length } = bucketOf(block, term);
        block[anywhere || length === 0 ? place % block.length : offset + (place % length)]! ^= 1;
        try {
          expect(placesOf(block, term)).toEqual(expected);
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedBlock);
        }
      }),
    );
  });

  it('never gives a wrong answer when its end is missing', () => {
    fc.assert(
      fc.property(entries, terms, fc.nat(), (given, term, cut) => {
        const block = encodeBlock(given, LAST, STREAMS);
        const expected = placesOf(block, term);
        try {
          expect(placesOf(block.subarray(0, cut % block.length), term)).toEqual(expected);
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedBlock);
        }
      }),
    );
  });
});
