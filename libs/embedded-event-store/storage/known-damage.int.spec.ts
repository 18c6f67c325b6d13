import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup } from './append-group.js';
import { DamagedLog } from '../record/damaged-log.js';
import { EventLog } from './event-log.js';
import type { LogEntry } from './log-entry.js';

const FIRST = 256;
const LOG_FILE = 'events-0000000000000256.log';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'verbatim-known-damage-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const openLog = (): EventLog => new EventLog(folder);

/**
 * Writes events alternately to the streams "a" and "b", and may then delete a stream for good. Returns their positions,
 * and the end of the log.
 */
const logOf = async (events: number, deleted?: string): Promise<number[]> => {
  const log = openLog();
  const data = Buffer.from(JSON.stringify('x'.repeat(100)));
  for (let i = 0; i < events; i += 1) {
    const group = new AppendGroup(log, new RecentEventIds(), 1_000);
    const event = { id: randomBytes(16), type: 'Happened', isJson: true, data, metadata: Buffer.from('{}') };
    group.apply({ kind: 'append', stream: i % 2 === 0 ? 'a' : 'b', expected: 'any', events: [event] });
    await log.commit(group);
  }
  if (deleted !== undefined) {
    const group = new AppendGroup(log, new RecentEventIds(), 1_000);
    group.apply({ kind: 'tombstone', stream: deleted, expected: 'any', events: [] });
    await log.commit(group);
  }
  const places = [...log.readAll(0, 'forwards', Infinity).map(({ position }) => position), log.nextPosition];
  await log.close();
  return places;
};

const flip = (position: number): void => {
  const fd = openSync(path.join(folder, LOG_FILE), 'r+');
  const bytes = Buffer.alloc(1);
  readSync(fd, bytes, 0, 1, position - FIRST);
  writeSync(fd, Buffer.from([bytes[0]! ^ 1]), 0, 1, position - FIRST);
  closeSync(fd);
};

/** Fills the bytes between two positions with zeros. */
const wipe = (from: number, to: number): void => {
  const fd = openSync(path.join(folder, LOG_FILE), 'r+');
  writeSync(fd, Buffer.alloc(to - from), 0, to - from, from - FIRST);
  closeSync(fd);
};

/** The nine events of a log; those at these places are damaged. */
const inOrder = (direction: 'forwards' | 'backwards', damaged: readonly number[]): string[] => {
  const names = [...Array(9).keys()].map(
    (i) => `${i % 2 === 0 ? 'a' : 'b'}@${Math.floor(i / 2)}${damaged.includes(i) ? ' damaged' : ''}`,
  );
  return direction === 'forwards' ? names : names.toReversed();
};

/** Reads the whole log past what is damaged, like somebody who asks to be told. Says where it ends before its end. */
const walk = async (log: EventLog, direction: 'forwards' | 'backwards'): Promise<string[]> => {
  const read: string[] = [];
  for (let from = direction === 'forwards' ? 0 : log.nextPosition; ;) {
    const entries = await log.readAllSearched(from, direction, 4);
    if (entries.length === 0) return read;
    for (const entry of entries) {
      if (entry.isDamaged && !entry.isKnownDamage) return [...read, 'ends'];
      read.push(`${entry.stream}@${entry.revision}${entry.isDamaged ? ' damaged' : ''}`);
      from = direction === 'forwards' ? entry.next : entry.position;
    }
  }
};

const revisions = (entries: readonly LogEntry[]): number[] => entries.map(({ revision }) => revision);

describe('the third of five events of a stream, when it is damaged,', () => {
  it.each([
    ['its version', 10],
    ['its checksum', 12],
    ['its id', 20],
    ['its time', 36],
    ['its type', 100],
    ['its data', 160],
    ['the checksum of the one before it', -8],
    ['the length at its end', -1],
  ])('is passed over as the event it was, in both directions: %s is wrong', async (_what, at) => {
    const places = await logOf(9);
    flip((at < 0 ? places[5]! : places[4]!) + at);
    const log = openLog();
    const forwards = log.readAll(0, 'forwards', 10).at(-1)!;
    const backwards = log.readAll(log.nextPosition, 'backwards', 10).at(-1)!;
    for (const { isDamaged, position, stream, revision, next } of [forwards, backwards]) {
      expect({ isDamaged, position, stream, revision, next }).toEqual({
        isDamaged: true,
        position: places[4],
        stream: 'a',
        revision: 2,
        next: places[5],
      });
    }
    expect(revisions(log.readAll(forwards.next, 'forwards', 10))).toEqual([2, 3, 3, 4]);
    expect(revisions(log.readAll(backwards.position, 'backwards', 10))).toEqual([1, 1, 0, 0]);
    await log.close();
  });

  it.each([
    ['its length', 1],
    ['its position', 6],
    ['the length of its name', 41],
    ['its revision, which is another one now', 46],
    ['its revision', 47],
    ['its name', 58],
  ])('is passed over as the event that the index has there: %s is wrong', async (_what, at) => {
    const places = await logOf(9);
    flip(places[4]! + at);
    const log = openLog();
    expect(log.readAll(0, 'forwards', 10).at(-1)!.isKnownDamage).toBe(false);
    for (const direction of ['forwards', 'backwards'] as const)
      expect(await walk(log, direction)).toEqual(inOrder(direction, [4]));
    await log.close();
  });
});

describe('the last event of a log', () => {
  it.each([
    ['its length', 1],
    ['its checksum', 12],
    ['its name', 58],
    ['the length at its end', -1],
  ])('is told in its place as well, and the log goes on behind it: %s is wrong', async (_what, at) => {
    const places = await logOf(9);
    flip((at < 0 ? places[9]! : places[8]!) + at);
    for (let start = 0; start < 2; start += 1) {
      const log = openLog();
      for (const direction of ['backwards', 'forwards'] as const)
        expect(await walk(log, direction)).toEqual(inOrder(direction, [8]));
      expect(log.newestPosition()).toBeLessThan(log.nextPosition);
      await log.close();
    }
    await logOf(1);
    const log = openLog();
    expect(await walk(log, 'forwards')).toEqual([...inOrder('forwards', [8]), 'a@5']);
    await log.close();
  });
});

describe('where no byte is left of several events', () => {
  it('the index still says which they were, in both directions, also after a start in their middle', async () => {
    const places = await logOf(9);
    wipe(places[3]! + 20, places[6]! + 30);
    const log = openLog();
    for (const direction of ['backwards', 'forwards'] as const)
      expect(await walk(log, direction)).toEqual(inOrder(direction, [3, 4, 5, 6]));
    await log.close();
    const again = openLog();
    expect([await again.isReadable(places[4]!), await again.isReadable(places[4]! + 1)]).toEqual([
      true,
      false,
    ]);
    const [entry] = await again.readAllSearched(places[5]!, 'forwards', 10);
    expect([entry!.stream, entry!.revision, entry!.next]).toEqual(['b', 2, places[6]]);
    await again.close();
  });

  it('all of them are found by who checks the log, not only the first of a file', async () => {
    const places = await logOf(9);
    wipe(places[3]! + 20, places[4]! + 30);
    flip(places[7]! + 47);
    const found: number[] = [];
    const log = new EventLog(folder, { damaged: ({ place }) => found.push(place!.position) });
    for (let at: number | undefined = 0; at !== undefined && at < log.nextPosition;)
      at = await log.checkRecordsFrom(at);
    expect([...new Set(found)]).toEqual([places[3], places[4], places[7]]);
    await log.close();
  });

  it('the reading ends if one may have marked the end of a stream, which the index has no position of', async () => {
    const places = await logOf(9, 'a');
    wipe(places[8]! + 20, places.at(-1)!);
    const log = openLog();
    const [last] = (await log.readAllSearched(places[8]!, 'forwards', 10)).slice(-1);
    expect([last!.isDamaged, last!.isKnownDamage]).toEqual([true, false]);
    expect(() => last!.stream).toThrow(DamagedLog);
    expect(await walk(log, 'forwards')).toEqual([...inOrder('forwards', []).slice(0, 8), 'ends']);
    await log.close();
  });

  it('one is told beside the end of a stream if its length or the event behind it shows where it ended', async () => {
    const places = await logOf(9, 'a');
    flip(places[4]! + 47);
    const log = openLog();
    expect((await walk(log, 'forwards')).slice(0, 9)).toEqual(inOrder('forwards', [4]));
    await log.close();
  });
});
