import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup } from './append-group.js';
import { DamagedLog } from '../record/damaged-log.js';
import { END_FILE, EventLog, INDEX_FILE } from './event-log.js';
import { recordData } from '../record/record.js';

const FIRST = 256;
const LOG_FILE = 'events-0000000000000256.log';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'verbatim-damage-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const openLog = (): EventLog => new EventLog(folder, { say: (line) => said.push(line) });

const event = (data = 'x'.repeat(100)) => ({
  id: randomBytes(16),
  type: 'Happened',
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: Buffer.from('{}'),
});

/** Writes appends of one event each together. */
const commit = async (log: EventLog, streams: readonly string[]): Promise<void> => {
  const group = new AppendGroup(log, new RecentEventIds(), 1_000);
  for (const stream of streams) group.apply({ kind: 'append', stream, expected: 'any', events: [event()] });
  await log.commit(group);
};

/** Makes a log of this many groups with one event each. Returns where each begins, and where the log ends. */
const logOf = async (events: number): Promise<number[]> => {
  const log = openLog();
  for (let i = 0; i < events; i += 1) await commit(log, [i % 2 === 0 ? 'a' : 'b']);
  const places = [...log.readAll(0, 'forwards', Infinity).map(({ position }) => position), log.nextPosition];
  await log.close();
  return places;
};

const placeOf = (log: EventLog, name: string) => ({ name, id: log.streamState(name)!.id });

const remove = (...names: string[]): void => {
  for (const name of names) rmSync(path.join(folder, name), { force: true });
};
const loseIndex = (): void => remove(INDEX_FILE, `${INDEX_FILE}-lock`);

/** Changes bytes at a position of the first file. */
const change = (position: number, with_: (bytes: Buffer) => void, length = 1): void => {
  const fd = openSync(path.join(folder, LOG_FILE), 'r+');
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, position - FIRST);
  with_(bytes);
  writeSync(fd, bytes, 0, length, position - FIRST);
  closeSync(fd);
};
const flip = (position: number): void => change(position, (bytes) => (bytes[0]! ^= 1));
const cutTo = (position: number): void => truncateSync(path.join(folder, LOG_FILE), position - FIRST);

const fingerprint = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('events-'))
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(path.join(folder, name)))
          .digest('hex')}`,
    );

/** Checks twice that a start is refused with these words and leaves the files as they were. */
const expectRefused = (words: RegExp): void => {
  const before = fingerprint();
  for (let i = 0; i < 2; i += 1) {
    expect(openLog).toThrow(DamagedLog);
    expect(openLog).toThrow(words);
  }
  expect(fingerprint()).toEqual(before);
};

describe('a log without its index is refused and left unchanged', () => {
  it('when a bit of a record in its middle is wrong', async () => {
    const places = await logOf(10);
    loseIndex();
    flip(places[4]! + 150);
    expectRefused(
      new RegExp(
        `damaged at position ${places[4]} \\(${LOG_FILE}, byte ${places[4]! - FIRST}\\): .* from position ${places[5]} on`,
        'u',
      ),
    );
  });

  it('when a bit of its last record is wrong, although nothing follows it', async () => {
    const places = await logOf(5);
    loseIndex();
    flip(places[4]! + 150);
    expectRefused(new RegExp(`position ${places[4]} .* up to position ${places[5]} were acknowledged`, 'u'));
  });

  it.each([
    ['cut off', (from: number) => cutTo(from)],
    ['zeros', (from: number) => change(from, (bytes) => bytes.fill(0), 300)],
  ])('when its tail is %s', async (_, damage) => {
    const places = await logOf(8);
    loseIndex();
    damage(places[6]! + 20);
    expectRefused(new RegExp(`position ${places[6]} .* up to position ${places[8]} were acknowledged`, 'u'));
  });

  it('when a block was written twice, so that everything after it has moved', async () => {
    const places = await logOf(8);
    loseIndex();
    remove(END_FILE);
    const file = path.join(folder, LOG_FILE);
    const bytes = readFileSync(file);
    const [from, to] = [places[2]! - FIRST, places[3]! - FIRST];
    writeFileSync(file, Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to)]));
    expectRefused(/lie whole events again/u);
  });

  it('when a record in its middle is wrong and nobody knows how far it was acknowledged', async () => {
    const places = await logOf(6);
    loseIndex();
    remove(END_FILE);
    flip(places[2]! + 60);
    expectRefused(/lie whole events again/u);
  });

  it('when all of its files are gone', async () => {
    await logOf(3);
    loseIndex();
    remove(LOG_FILE);
    expectRefused(/it ends there, but events up to position \d+ were acknowledged/u);
  });
});

/** Makes a log of two groups, the second of which was lost in its middle. */
const torn = async (): Promise<number> => {
  let log = openLog();
  await commit(log, ['a']);
  const end = log.nextPosition;
  const answered = readFileSync(path.join(folder, END_FILE));
  await log.close();
  const index = readFileSync(path.join(folder, INDEX_FILE));
  log = openLog();
  await commit(log, ['b', 'c', 'd']);
  const second = log.readAll(0, 'forwards', Infinity)[2]!.position;
  await log.close();
  writeFileSync(path.join(folder, END_FILE), answered);
  writeFileSync(path.join(folder, INDEX_FILE), index);
  change(second, (bytes) => bytes.fill(0), 100);
  return end;
};

describe('what a power failure left of a group that was never acknowledged', () => {
  it('is cut off and reported, even if it contains whole records', async () => {
    await torn();
    const log = openLog();
    expect(log.readAll(0, 'forwards', Infinity).map(({ stream }) => stream)).toEqual(['a', 'b']);
    expect(said).toEqual([expect.stringMatching(/^cut off \d+ bytes at the end/u)]);
    const { nextPosition } = log;
    await log.close();
    expect(readFileSync(path.join(folder, LOG_FILE))).toHaveLength(nextPosition - FIRST);
    await openLog().close();
    expect(said).toHaveLength(1);
  });

  it('counts as damage if a later group follows, because then it was acknowledged', async () => {
    let log = openLog();
    await commit(log, ['a']);
    const answered = readFileSync(path.join(folder, END_FILE));
    await log.close();
    const index = readFileSync(path.join(folder, INDEX_FILE));
    log = openLog();
    await commit(log, ['b', 'c']);
    await commit(log, ['d']);
    const hole = log.readAll(0, 'forwards', Infinity)[1]!.position;
    await log.close();
    writeFileSync(path.join(folder, END_FILE), answered);
    writeFileSync(path.join(folder, INDEX_FILE), index);
    change(hole, (bytes) => bytes.fill(0), 100);
    expectRefused(/lie whole events again/u);
  });
});

it('the acknowledged end is known from either half of its file', async () => {
  const places = await logOf(4);
  loseIndex();
  const mark = readFileSync(path.join(folder, END_FILE));
  cutTo(places[1]!);
  for (const slot of [0, 4096]) {
    const damaged = Buffer.from(mark);
    damaged.fill(0xff, slot, slot + 32);
    writeFileSync(path.join(folder, END_FILE), damaged);
    expectRefused(/were acknowledged/u);
  }
});

it('an index of another log is rebuilt', async () => {
  const places = await logOf(4);
  const foreign = readFileSync(path.join(folder, INDEX_FILE));
  remove(LOG_FILE, END_FILE);
  loseIndex();
  expect(await logOf(6)).toHaveLength(7);
  expect(places).toHaveLength(5);
  writeFileSync(path.join(folder, INDEX_FILE), foreign);
  said = [];
  const log = openLog();
  expect(said).toEqual(['index.mdb belongs to another log: it is built again']);
  expect(log.streamState('a')?.lastRevision).toBe(2);
  expect(log.readAll(0, 'forwards', Infinity)).toHaveLength(6);
  await log.close();
});

const revisions = (entries: readonly { revision: number }[]): number[] => {
  const read: number[] = [];
  for (const entry of entries) read.push(entry.revision);
  return read;
};

describe('a damaged record that the index knows', () => {
  it.each(['forwards', 'backwards'] as const)(
    'is never read %s, and what lies before it is',
    async (direction) => {
      const places = await logOf(9);
      flip(places[4]! + 160); // the third event of stream a
      const log = openLog();
      const stream = placeOf(log, 'a');
      const place = `position ${places[4]} \\(${LOG_FILE}, byte ${places[4]! - FIRST}\\)`;
      for (const entries of [
        log.readStream(stream, 0, 4, direction, 10),
        log.readAll(direction === 'forwards' ? 0 : log.nextPosition, direction, 10),
      ]) {
        const whole = entries.findIndex(({ isDamaged }) => isDamaged);
        expect(revisions(entries.slice(0, whole)).length).toBeGreaterThan(1);
        expect(() => entries.map(({ record }) => record)).toThrow(new RegExp(place, 'u'));
      }
      expect(() => log.entryAt(stream.id, 2)).toThrow(DamagedLog);
      expect(log.entryAt(stream.id, 3)?.revision).toBe(3);
      expect(revisions(log.readStream(placeOf(log, 'b'), 0, 3, direction, 10))).toHaveLength(4);
      await log.close();
    },
  );

  it.each([0, 3, 4, 9, 10, 11, 12, 20, 45, 50, 100, -8, -1])(
    'is found whichever of its bytes is wrong: %i',
    async (at) => {
      const places = await logOf(4);
      flip((at < 0 ? places[3]! : places[2]!) + at);
      const log = openLog();
      expect(() => log.entryAt(log.streamState('a')!.id, 1)).toThrow(DamagedLog);
      await log.close();
    },
  );

  it('keeps nobody from appending to other streams', async () => {
    const places = await logOf(4);
    flip(places[2]! + 160);
    const log = openLog();
    await commit(log, ['b', 'c']);
    expect(log.streamState('b')?.lastRevision).toBe(2);
    await log.close();
  });
});

/** Records of the previous release: four events of stream "a", whose checksums form a chain. */
const BEFORE = [
  'AAAAlwAAAAABAAIBEGUgsh+EJiyoAp+rdZin6EIXPmNAj0AAAAAAAAABAAAACAAAAAAAAAAAEgMaAWEyEAoEdHlwZRIISGFw',
  'cGVuZWQYADIgCgxjb250ZW50LXR5cGUSEGFwcGxpY2F0aW9uL2pzb24yEwoHY3JlYXRlZBIIMTAwMDAwMDA6Ant9Qgd7Im4i',
  'OjB9AAAAlwAAAJcAAAAAAZcCA80Kze04NgHZJxdtL4ftDYg6s39hQI9AAAAAAAAAAQAAAAg/8AAAAAAAABIDGgFhMhAKBHR5',
  'cGUSCEhhcHBlbmVkGAEyIAoMY29udGVudC10eXBlEhBhcHBsaWNhdGlvbi9qc29uMhMKB2NyZWF0ZWQSCDEwMDAwMDAwOgJ7',
  'fUIHeyJuIjoxfQAAAJcAAACXAAAAAAIuAgEZY4ybJFJbRofN22M9cjWWRoHb/ECPQAAAAAAAAAEAAAAIQAAAAAAAAAASAxoB',
  'YTIQCgR0eXBlEghIYXBwZW5lZBgCMiAKDGNvbnRlbnQtdHlwZRIQYXBwbGljYXRpb24vanNvbjITCgdjcmVhdGVkEggxMDAw',
  'MDAwMDoCe31CB3sibiI6Mn0AAACXAAAAlwAAAAACxQIDERieOUB1eesFCbHuMSGTIMHoUvFAj0AAAAAAAAABAAAACEAIAAAA',
  'AAAAEgMaAWEyEAoEdHlwZRIISGFwcGVuZWQYAzIgCgxjb250ZW50LXR5cGUSEGFwcGxpY2F0aW9uL2pzb24yEwoHY3JlYXRl',
  'ZBIIMTAwMDAwMDA6Ant9Qgd7Im4iOjN9AAAAlw==',
].join('');

describe('a log of the release before', () => {
  beforeEach(() => writeFileSync(path.join(folder, LOG_FILE), Buffer.from(BEFORE, 'base64')));

  it('is read and continued', async () => {
    const log = openLog();
    await commit(log, ['a']);
    const data = log.readAll(0, 'forwards', 10).map(({ record }) => recordData(record).toString());
    expect(data.slice(0, 4)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}', '{"n":3}']);
    expect(log.readStream(placeOf(log, 'a'), 0, 4, 'backwards', 10)).toHaveLength(5);
    await log.close();
    loseIndex();
    const again = openLog();
    expect(again.streamState('a')?.lastRevision).toBe(4);
    await again.close();
  });

  it('is checked by its sums as well', async () => {
    const log = openLog();
    const { position } = log.entryAt(log.streamState('a')!.id, 2)!;
    await log.close();
    flip(position + 120);
    const damaged = openLog();
    expect(() => damaged.entryAt(damaged.streamState('a')!.id, 2)).toThrow(DamagedLog);
    expect(damaged.entryAt(damaged.streamState('a')!.id, 1)?.revision).toBe(1);
    await damaged.close();
    loseIndex();
    expectRefused(/lie whole events again|were acknowledged/u);
  });
});
