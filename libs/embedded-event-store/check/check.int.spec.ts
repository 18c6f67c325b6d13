import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup } from '../storage/append-group.js';
import { END_FILE, EventLog } from '../storage/event-log.js';
import { checkLog } from './log-check.js';
import { NotEmpty, repairLog } from './repair-log.js';

const PER_SEGMENT = 20;
let work: string;
let folder: string;
let into: string;
beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), 'verbatim-check-'));
  [folder, into] = [path.join(work, 'log'), path.join(work, 'copy')];
  closeSync(openSync(path.join(work, 'other'), 'w'));
});
afterEach(() => rmSync(work, { recursive: true }));

interface Seen {
  readonly name: string;
  readonly position: number;
  readonly end: number;
}

const seen = (log: EventLog): Seen[] =>
  log
    .readAll(0, 'forwards', Infinity)
    .map(({ stream, revision, position, next }) => ({ name: `${stream}@${revision}`, position, end: next }));

const append = async (log: EventLog, stream: string): Promise<void> => {
  const group = new AppendGroup(log, new RecentEventIds(), 1_000);
  const data = Buffer.from(JSON.stringify('x'.repeat(50)));
  const event = { id: randomBytes(16), type: 'Happened', isJson: true, data, metadata: Buffer.from('{}') };
  group.apply({ kind: 'append', stream, expected: 'any', events: [event] });
  await log.commit(group);
};

/** Makes a log of three segments, in which two streams take turns. */
const makeLog = async (): Promise<Seen[]> => {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder);
  const log = new EventLog(folder);
  for (let segment = 0; segment < 3; segment += 1) {
    for (let i = 0; i < PER_SEGMENT; i += 1) await append(log, i % 2 === 0 ? 'a' : 'b');
    log.endSegment();
  }
  const all = seen(log);
  await log.close();
  writeFileSync(path.join(folder, 'format.json'), '{"kind":"embedded-event-store","format":2}\n');
  return all;
};

const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('events-'));

/** Changes a file of the log from a byte on. */
const damage = (name: string, change: (bytes: Buffer) => Buffer | void): void => {
  const file = path.join(folder, name);
  const bytes = readFileSync(file);
  writeFileSync(file, change(bytes) ?? bytes);
};

/** Returns what a store finds in the repaired copy, after checking that it accepts an append. */
const readRepaired = async (): Promise<Seen[]> => {
  const log = new EventLog(into);
  const found = seen(log);
  for (const name of ['a', 'b']) {
    const { id, lastRevision } = log.streamState(name)!;
    const read = log.readStream({ name, id }, 0, lastRevision, 'forwards', Infinity);
    const names = read.map(({ stream, revision }) => `${stream}@${revision}`);
    expect(names).toEqual(found.map((one) => one.name).filter((one) => one.startsWith(`${name}@`)));
    const back = log
      .readStream({ name, id }, 0, lastRevision, 'backwards', 7)
      .map(({ revision }) => revision);
    expect(back).toEqual(
      read
        .map(({ revision }) => revision)
        .toReversed()
        .slice(0, 7),
    );
  }
  await append(log, 'a');
  const more = log.readAll(0, 'forwards', Infinity);
  expect(more).toHaveLength(found.length + 1);
  await log.close();
  return found;
};

describe('a check', () => {
  it('finds nothing in an undamaged log', async () => {
    await makeLog();
    const check = checkLog(folder);
    expect(check).toMatchObject({ records: 60, damages: [], troubles: [], torn: 0 });
    expect(check.end).toBe(check.acknowledged);
  });

  it('names each damaged place, and continues behind it', async () => {
    const all = await makeLog();
    const [first, second] = files() as [string, string];
    damage(first, (bytes) => void (bytes[all[3]!.position - 256 + 100]! ^= 1));
    damage(second, (bytes) => void bytes.fill(0, 0, 300));
    const check = checkLog(folder);
    expect(check.records).toBe(60 - 1 - 2);
    expect(check.damages).toEqual([
      expect.objectContaining({
        file: first,
        position: all[3]!.position,
        bytes: all[3]!.end - all[3]!.position,
        said: { stream: 'b', revision: 1 },
      }),
      expect.objectContaining({ file: second, offset: 0, position: all[20]!.position }),
    ]);
  });

  it('says that the end is missing, which nobody can know without the mark', async () => {
    const all = await makeLog();
    damage(files()[2]!, (bytes) => bytes.subarray(0, bytes.length - 100));
    const { damages } = checkLog(folder);
    expect(damages).toEqual([expect.objectContaining({ position: all[59]!.position })]);
    rmSync(path.join(folder, END_FILE));
    expect(checkLog(folder).troubles).toEqual([expect.stringMatching(/^acknowledged\.end is missing/u)]);
  });

  it('distinguishes the rest of an unfinished append from damage', async () => {
    await makeLog();
    const last = files()[2]!;
    damage(last, (bytes) => Buffer.concat([bytes, bytes.subarray(0, 90)]));
    expect(checkLog(folder)).toMatchObject({ damages: [], torn: 90 });
  });
});

describe('a repair', () => {
  it('keeps everything undamaged in place, and names the revisions that are gone', async () => {
    const all = await makeLog();
    const [first, second] = files() as [string, string];
    damage(first, (bytes) => void (bytes[all[4]!.position - 256 + 90]! ^= 1));
    damage(second, (bytes) => void bytes.fill(0, 0, all[22]!.end - all[20]!.position));
    const before = files().map((name) => readFileSync(path.join(folder, name)));
    const { lost, after } = await repairLog(folder, into);
    expect(files().map((name) => readFileSync(path.join(folder, name)))).toEqual(before);
    expect(after.damages).toEqual([]);
    expect(lost.gaps).toEqual([
      { stream: 'a', first: 2, last: 2 },
      { stream: 'b', first: 10, last: 10 },
      { stream: 'a', first: 10, last: 11 },
    ]);
    expect(await readRepaired()).toEqual(all.filter((_, i) => ![4, 20, 21, 22].includes(i)));
  });

  it.each([
    ['the first file is gone', (names: string[]) => rmSync(path.join(folder, names[0]!)), [20, 60]],
    [
      'a file in the middle is gone',
      (names: string[]) => rmSync(path.join(folder, names[1]!)),
      [0, 20, 40, 60],
    ],
    ['the last file is gone', (names: string[]) => rmSync(path.join(folder, names[2]!)), [0, 40]],
    [
      'a file has another’s name',
      (names: string[]) =>
        renameSync(path.join(folder, names[1]!), path.join(folder, 'events-0000000000099999.log')),
      [0, 60],
    ],
    [
      'a file is there twice',
      (names: string[]) =>
        writeFileSync(
          path.join(folder, 'events-0000000000099999.log'),
          readFileSync(path.join(folder, names[1]!)),
        ),
      [0, 60],
    ],
    ['the tail is cut', (names: string[]) => damage(names[2]!, (bytes) => bytes.subarray(0, 1000)), [0, 45]],
  ])('makes a log that a store starts on when %s', async (_, hurt, kept) => {
    const all = await makeLog();
    hurt(files());
    expect(checkLog(folder).damages).not.toEqual([]);
    const { after } = await repairLog(folder, into);
    expect(after.damages).toEqual([]);
    const expected = all.filter((__, i) => kept.findLastIndex((border) => border <= i) % 2 === 0);
    expect(await readRepaired()).toEqual(expected);
  });

  it('of a whole log is a copy', async () => {
    const all = await makeLog();
    const { lost } = await repairLog(folder, into);
    expect(lost).toEqual({ gaps: [], beginnings: [] });
    expect(readdirSync(into).filter((name) => name.startsWith('events-'))).toEqual(files());
    expect(await readRepaired()).toEqual(all);
  });

  it('does not write to a folder that is not empty', async () => {
    await makeLog();
    await expect(repairLog(folder, work)).rejects.toThrow(NotEmpty);
  });
});
