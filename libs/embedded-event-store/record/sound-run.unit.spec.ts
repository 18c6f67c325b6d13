import { array, assert, integer, nat, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, recordSize, sealRecord } from './record.js';
import { soundRunEnd } from './sound-run.js';

/** Returns records that follow one another, with data of these lengths, from this position on. */
const recordsOf = (lengths: readonly number[], start: number): Buffer[] => {
  let [position, previous] = [start, 7];
  return lengths.map((length, revision) => {
    const event = {
      id: Buffer.alloc(16, revision),
      type: 'Happened',
      isJson: true,
      data: Buffer.alloc(length, revision),
      metadata: Buffer.from('{}'),
    };
    const record = Buffer.alloc(recordSize(event, 's', revision, 1_000));
    encodeRecord(record, event, 's', revision, 1_000, position);
    previous = sealRecord(record, { previous, closesChange: true, opensGroup: true });
    position += record.length;
    return record;
  });
};

const LENGTHS = array(nat(3_000), { minLength: 1, maxLength: 12 });
const START = 256;

describe('a run of records', () => {
  it('ends where its last whole record does, and after as many as are wanted', () => {
    assert(
      property(LENGTHS, integer({ min: 1, max: 14 }), nat(), (lengths, most, cut) => {
        const records = recordsOf(lengths, START);
        const all = Buffer.concat(records);
        const bytes = all.subarray(0, all.length - (cut % all.length));
        let end = 0;
        for (const { length } of records.slice(0, most))
          if (end + length <= bytes.length) end += length;
          else break;
        expect(soundRunEnd(bytes, START, most)).toBe(end);
      }),
    );
  });

  it('never includes a record of which any bits are wrong', () => {
    assert(
      property(LENGTHS, nat(), uint8Array({ minLength: 1, maxLength: 4 }), (lengths, place, wrong) => {
        const records = recordsOf(lengths, START);
        const bytes = Buffer.concat(records);
        const at = place % bytes.length;
        wrong.forEach((bits, i) => (at + i < bytes.length ? (bytes[at + i]! ^= bits) : undefined));
        const changed = wrong.findIndex((bits, i) => bits !== 0 && at + i < bytes.length);
        if (changed === -1) return;
        let hit = 0;
        for (let end = 0; end <= at + changed; hit += 1) end += records[hit]!.length;
        const before = records.slice(0, hit - 1).reduce((sum, { length }) => sum + length, 0);
        expect(soundRunEnd(bytes, START, records.length)).toBeLessThanOrEqual(before);
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends before a record that was not written behind the one before it, though both are whole', () => {
    const [first] = recordsOf([10], START) as [Buffer];
    const [second] = recordsOf([10], START + first.length) as [Buffer]; // chained to another one
    expect(soundRunEnd(Buffer.concat([first, second]), START, 2)).toBe(first.length);
  });

  it('has nothing of bytes that are at another position than their records say', () => {
    expect(soundRunEnd(Buffer.concat(recordsOf([10, 20], START)), START + 1, 2)).toBe(0);
  });
});
