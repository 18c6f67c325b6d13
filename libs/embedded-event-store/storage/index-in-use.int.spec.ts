import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup } from './append-group.js';
import { EventLog, INDEX_FILE } from './event-log.js';
import { DamagedIndex } from './log-index.js';
import { isFaultOfFile } from './lmdb-trouble.js';
import { prepareIndex } from './prepare-index.js';

let folder: string;
let unusable: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'verbatim-index-in-use-'));
  unusable = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const index = (): string => path.join(folder, INDEX_FILE);
const openLog = (): EventLog => new EventLog(folder, { unusable: (reason) => unusable.push(reason) });

const event = () => ({
  id: randomBytes(16),
  type: 'Happened',
  isJson: true,
  data: Buffer.from('{}'),
  metadata: Buffer.from('{}'),
});

/** Makes a log of four appends to each of two streams, of which the index knows everything. */
const makeLog = async (): Promise<void> => {
  const log = openLog();
  for (const stream of ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']) {
    const group = new AppendGroup(log, new RecentEventIds(), 1_000);
    group.apply({ kind: 'append', stream, expected: 'any', events: [event(), event()] });
    await log.commit(group);
    await log.completeSegments(); // a run of the index for each append
  }
  await log.close();
};

/** Removes keys of the index, as damage to a page of it does. */
const lose = async (name: string, isLost: (key: Buffer) => boolean): Promise<void> => {
  const root = open<Buffer, Buffer>({ path: index(), encoding: 'binary', keyEncoding: 'binary' });
  const database = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
  for (const key of [...database.getKeys({})].map((one) => Buffer.from(one)))
    if (isLost(key)) database.removeSync(key);
  await root.close();
};

/** Whether this is the run of stream "a", the first one, that begins with this revision. */
const isRun = (first: number) => (key: Buffer) => key.readUInt32BE(0) === 1 && key.readUIntBE(4, 6) === first;

describe('an index that turns out to be damaged while it is used', () => {
  it.each([
    ['its first events', 0],
    ['events in its middle', 4],
    ['its last events', 6],
  ])('is reported when a stream lacks %s, and no read skips them', async (_, first) => {
    await makeLog();
    await lose('index', isRun(first));
    const log = openLog();
    const stream = { name: 'a', id: log.streamState('a')!.id };
    for (const direction of ['forwards', 'backwards'] as const)
      expect(() => log.readStream(stream, 0, 7, direction, 10)).toThrow(DamagedIndex);
    expect(unusable).toHaveLength(2);
    await log.close();
  });

  it('is reported by the walk when it has lost a stream or its newest events', async () => {
    await makeLog();
    const whole = readFileSync(index());
    const log = openLog();
    await expect(log.checkRecordsFrom(0)).resolves.toBeDefined();
    expect(unusable).toEqual([]);
    await log.close();
    writeFileSync(index(), whole);
    await lose('streams', (key) => key.includes('b'));
    const damaged = openLog();
    await expect(damaged.checkRecordsFrom(0)).rejects.toThrow(/no event 0 of "b"/u);
    expect(unusable).toHaveLength(1);
    await damaged.close();
  });

  it('is built again by the next start, even if it could be read', async () => {
    await makeLog();
    await lose('index', isRun(0));
    const log = openLog();
    const stream = { name: 'a', id: log.streamState('a')!.id };
    expect(() => log.readStream(stream, 0, 7, 'forwards', 10)).toThrow(DamagedIndex);
    await log.close();
    const said: string[] = [];
    await prepareIndex(index(), (line) => said.push(line));
    expect(said).toEqual([expect.stringContaining('it was found damaged while it was used')]);
    const again = openLog();
    expect(again.readStream(stream, 0, 7, 'forwards', 10)).toHaveLength(8);
    await again.close();
  });
});

const withCode = (code: number) => Object.assign(new Error('it failed'), { code });

it('errors of LMDB about its file are told from those of the system and from limits', () => {
  expect([-30796, -30782, -30782 + 2 ** 32, -30797].map((code) => isFaultOfFile(withCode(code)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([28, 5, -30792, -30790].map((code) => isFaultOfFile(withCode(code)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(isFaultOfFile(new Error('no code'))).toBe(false);
});
