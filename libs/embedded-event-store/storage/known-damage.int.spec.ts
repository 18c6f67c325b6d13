import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup } from './append-group.js';
import { DamagedLog } from './damaged-log.js';
import { EventLog } from './event-log.js';
import type { LogEntry } from './log-entry.js';

const FIRST = 256;
const LOG_FILE = 'events-0000000000000256.log';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'verbatim-known-damage-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const openLog = (): EventLog => new EventLog(folder);

/** Writes events alternately to the streams "a" and "b". Returns their positions, and the end of the log. */
const logOf = async (events: number): Promise<number[]> => {
  const log = openLog();
  const data = Buffer.from(JSON.stringify('x'.repeat(100)));
  for (let i = 0; i < events; i += 1) {
    const group = new AppendGroup(log, new RecentEventIds(), 1_000);
    const event = { id: randomBytes(16), type: 'Happened', isJson: true, data, metadata: Buffer.from('{}') };
    group.apply({ kind: 'append', stream: i % 2 === 0 ? 'a' : 'b', expected: 'any', events: [event] });
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
  ])(
    'is where the log ends for who reads it when nobody can say which it was: %s is wrong',
    async (_what, at) => {
      const places = await logOf(9);
      flip(places[4]! + at);
      const log = openLog();
      const last = log.readAll(0, 'forwards', 10).at(-1)!;
      expect([last.isDamaged, last.isKnownDamage, last.next]).toEqual([true, false, places[4]]);
      expect(() => last.stream).toThrow(DamagedLog);
      const inStream = log.readStream({ name: 'a', id: log.streamState('a')!.id }, 0, 4, 'forwards', 10);
      expect(inStream.map(({ isDamaged, stream, revision }) => [isDamaged, stream, revision])).toEqual(
        [0, 1, 2, 3, 4].map((revision) => [revision === 2, 'a', revision]),
      );
      await log.close();
    },
  );
});
