import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup, type Change } from './append-group.js';
import { END_FILE, EventLog } from './event-log.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const FIRST_FILE = 'events-0000000000000256.log';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'verbatim-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const append = (stream: string, count = 1, data = '{}'): Change => ({
  kind: 'append',
  stream,
  expected: 'any',
  events: Array.from({ length: count }, () => ({
    id: randomBytes(16),
    type: stream.startsWith('$$') ? '$metadata' : 'Happened',
    isJson: true,
    data: Buffer.from(data),
    metadata: Buffer.from('{}'),
  })),
});

const commit = async (log: EventLog, changes: readonly Change[]): Promise<void> => {
  const group = new AppendGroup(log, new RecentEventIds(), 1_000);
  for (const change of changes) group.apply(change);
  if (group.entries.length > 0) await log.commit(group);
};

const all = (log: EventLog): string[] =>
  log
    .readAll(0, 'forwards', Infinity)
    .map(({ stream, revision, position }) => `${stream}@${revision}:${position}`);

const streamOf = (log: EventLog, name: string): number[] => {
  const state = log.streamState(name);
  if (!state) return [];
  return log
    .readStream({ name, id: state.id }, 0, state.lastRevision, 'forwards', Infinity)
    .map(({ revision }) => revision);
};

/** Returns the files that a process which dies now leaves behind. The index may lag, or may never have been written. */
const afterDeath = async (
  log: EventLog,
  check: (reopened: EventLog, copy: string) => unknown,
  damage = (_copy: string): void => {},
) => {
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  damage(copy);
  try {
    const reopened = new EventLog(copy);
    await check(reopened, copy);
    await reopened.close();
  } finally {
    rmSync(copy, { recursive: true });
  }
  await log.close();
};

const loseIndex = (): void => {
  for (const file of readdirSync(folder).filter((name) => name.startsWith('index.mdb')))
    rmSync(path.join(folder, file));
};

const fileSize = (copy: string): number => statSync(path.join(copy, FIRST_FILE)).size;

describe('the log after the process died before its index was written', () => {
  it('has everything that was committed, of every stream, and continues after it', async () => {
    const log = new EventLog(folder);
    await commit(log, [append('a', 3), append('b'), append('$$a', 1, '{"$maxCount":2}')]);
    await commit(log, [append('a'), { kind: 'tombstone', stream: 'b', expected: 'any', events: [] }]);
    const before = all(log);
    const states = ['a', '$$a', 'b'].map((name) => log.streamState(name));
    await afterDeath(log, async (reopened) => {
      expect(all(reopened)).toEqual(before);
      expect(['a', '$$a', 'b'].map((name) => reopened.streamState(name))).toEqual(states);
      expect(reopened.end).toEqual(log.end);
      await commit(reopened, [append('a'), append('new')]);
      expect(streamOf(reopened, 'a')).toEqual([0, 1, 2, 3, 4]);
      expect(streamOf(reopened, 'new')).toEqual([0]);
    });
  });

  it('has all of it when the index is lost', async () => {
    const log = new EventLog(folder);
    for (let i = 0; i < 20; i += 1) await commit(log, [append('a', 2), append(`s${i}`)]);
    const before = all(log);
    await log.close();
    loseIndex();
    const reopened = new EventLog(folder);
    expect(all(reopened)).toEqual(before);
    expect(streamOf(reopened, 'a')).toHaveLength(40);
    await reopened.close();
  });

  it('has an append as a whole or not at all, wherever its bytes break off', async () => {
    const log = new EventLog(folder);
    await commit(log, [append('a', 2)]);
    const whole = all(log);
    const end = fileSize(folder);
    const answered = readFileSync(path.join(folder, END_FILE));
    await commit(log, [append('a', 3), append('b', 2)]);
    const written = fileSize(folder) - end;
    const died = `${folder}-died`;
    cpSync(folder, died, { recursive: true });
    writeFileSync(path.join(died, END_FILE), answered); // it died before it could acknowledge
    await log.close();
    const counts = new Set<number>();
    for (let cut = 1; cut <= written; cut += 7) {
      const copy = `${folder}-cut`;
      cpSync(died, copy, { recursive: true });
      truncateSync(path.join(copy, FIRST_FILE), end + written - cut);
      const reopened = new EventLog(copy);
      expect(all(reopened).slice(0, whole.length)).toEqual(whole);
      counts.add(all(reopened).length - whole.length);
      await reopened.close();
      rmSync(copy, { recursive: true });
    }
    rmSync(died, { recursive: true });
    expect([...counts].toSorted((a, b) => a - b)).toEqual([0, 3]);
  });

  it('does not adopt what another history left after its end', async () => {
    const log = new EventLog(folder);
    await commit(log, [append('a')]);
    const end = log.nextPosition;
    const other = mkdtempSync(path.join(tmpdir(), 'verbatim-log-'));
    cpSync(folder, other, { recursive: true });
    const branch = new EventLog(other);
    // The same lengths at the same places, as if a group had failed and its bytes had been partly overwritten.
    await commit(branch, [append('a')]);
    await commit(branch, [append('a')]);
    const left = branch.readAll(end, 'forwards', 2).at(-1)!;
    await branch.close();
    rmSync(other, { recursive: true });
    await commit(log, [append('a')]);
    expect(log.nextPosition).toBe(left.position);
    await afterDeath(
      log,
      (reopened) => expect(streamOf(reopened, 'a')).toEqual([0, 1]),
      (copy) => writeFileSync(path.join(copy, FIRST_FILE), left.record, { flag: 'a' }),
    );
  });

  it('says so when it breaks off before a later file', async () => {
    const log = new EventLog(folder);
    await commit(log, [append('a', 2)]);
    const { nextPosition } = log;
    await log.close();
    loseIndex();
    const file = openSync(path.join(folder, FIRST_FILE), 'r+');
    writeSync(file, Buffer.alloc(8), 0, 8, fileSize(folder) - 8);
    closeSync(file);
    writeFileSync(path.join(folder, `events-${String(nextPosition).padStart(16, '0')}.log`), '');
    expect(() => new EventLog(folder)).toThrow(
      /at position 256 .* from position 556 on .* lie whole events again/u,
    );
  });
});

it('reads the same with any part of it in the index', async () => {
  const streams = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ stream: streams, count: fc.integer({ min: 1, max: 300 }) }),
    fc.constant('flush' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const place = mkdtempSync(path.join(tmpdir(), 'verbatim-log-'));
      let log = new EventLog(place);
      const lengths = new Map<string, number>();
      for (const one of steps) {
        if (one === 'flush') {
          await log.close();
          log = new EventLog(place);
          continue;
        }
        await commit(log, [append(one.stream, one.count)]);
        lengths.set(one.stream, (lengths.get(one.stream) ?? 0) + one.count);
      }
      for (const [name, length] of lengths) {
        expect(streamOf(log, name)).toEqual(Array.from({ length }, (_, i) => i));
        const { id } = log.streamState(name)!;
        const back = log
          .readStream({ name, id }, 0, length - 1, 'backwards', 7)
          .map(({ revision }) => revision);
        expect(back).toEqual(Array.from({ length: Math.min(7, length) }, (_, i) => length - 1 - i));
        const middle = length >> 1;
        expect(log.readStream({ name, id }, middle, length - 1, 'forwards', 3)[0]?.revision).toBe(middle);
        expect(log.entryAt(id, middle)?.revision).toBe(middle);
      }
      await log.close();
      rmSync(place, { recursive: true });
    }),
    { numRuns: propertyRuns(25) },
  );
});
