import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { withResolvers } from '#libs/event-store/with-resolvers.js';
import { RequestError } from '#libs/protocol/errors.js';
import { eventAt } from './event-at.js';
import { termOf } from './event-terms.js';
import { IndexKeeper } from './index-keeper.js';

/** So that a few hundred events are several blocks. */
const BLOCK_ENTRIES = 64;

let server: TestEventStore;
let store: EventStore;
let folder: string;
let said: string[] = [];
const keepers: IndexKeeper[] = [];

beforeAll(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-index-'));
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.stopKeeping();
  said = [];
});

const start = (name: string, of: Pick<EventStore, 'readStored'> = store): IndexKeeper => {
  const parts = { folder: join(folder, name), store: of, blockEntries: BLOCK_ENTRIES };
  const keeper = new IndexKeeper({ ...parts, say: (_level, text) => void said.push(text) });
  keepers.push(keeper);
  return keeper;
};

const append = async (count: number, stream = 'spec-index'): Promise<string[]> => {
  const events = Array.from({ length: count }, () => newEvent());
  await store.append(stream, events, 'any');
  return events.map(({ eventId }) => eventId);
};

/** Returns the ids of the events that are found at the places of these ids. */
const findAll = (keeper: IndexKeeper, ids: readonly string[]): Promise<(string | undefined)[]> =>
  keeper.ask((index) =>
    Promise.all(
      ids.map(async (id) => {
        const [place] = (await index.findTerm(termOf('event', id), 10)).places;
        return place && (await eventAt(store, place))?.eventId;
      }),
    ),
  );

const blocksIn = async (name: string): Promise<string[]> =>
  (await readdir(join(folder, name))).filter((file) => file.startsWith('block-'));

describe('the index of events', () => {
  it('finds every event, however it came: before the start, after it, in another run', async () => {
    const before = await append(200);
    const first = start('runs');
    expect(await findAll(first, before)).toEqual(before);
    const after: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const ids = await append(100);
      expect(await findAll(first, ids)).toEqual(ids);
      after.push(...ids);
    }
    expect((await blocksIn('runs')).length).toBeGreaterThan(2);
    await first.stopKeeping();
    const meanwhile = await append(50);
    const all = [...before, ...after, ...meanwhile];
    expect(await findAll(start('runs'), all)).toEqual(all);
    expect(await findAll(start('anew'), all)).toEqual(all);
  });

  it('is level with the log for every question, also when many come at once', async () => {
    const keeper = start('together');
    const answers = Array.from({ length: 20 }, async () => {
      const ids = await append(3);
      expect(await findAll(keeper, ids)).toEqual(ids);
    });
    await Promise.all(answers);
  });

  it.each([
    ['changed', (bytes: Buffer) => Buffer.from(bytes).fill(0x5a, bytes.length - 40)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
  ])('that is %s is made again, and says so', async (how, damage) => {
    const name = `damaged-${how.length}`;
    const ids = await append(200);
    const keeper = start(name);
    expect(await findAll(keeper, ids)).toEqual(ids);
    for (const file of await blocksIn(name)) {
      const path = join(folder, name, file);
      await writeFile(path, damage(await readFile(path)));
    }
    const failed = await findAll(keeper, ids).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RequestError);
    expect(failed).toMatchObject({ code: 'event_index_unavailable' });
    expect(await findAll(keeper, ids)).toEqual(ids);
    expect(said.join()).toContain('made again');
  });

  it('whose head is damaged is made again from there at the next start', async () => {
    const ids = await append(300);
    const keeper = start('head');
    expect(await findAll(keeper, ids)).toEqual(ids);
    await keeper.stopKeeping();
    const path = join(folder, 'head', 'block-00000001');
    const bytes = await readFile(path);
    bytes[20]! ^= 1;
    await writeFile(path, bytes);
    await writeFile(join(folder, 'head', 'block-00000009.draft'), 'left by a process that died');
    expect(await findAll(start('head'), ids)).toEqual(ids);
    expect(await readdir(join(folder, 'head'))).not.toContain('block-00000009.draft');
  });

  it('of another log is thrown away', async () => {
    const ids = await append(200);
    const other = await startEventStore();
    const others = new EventStore({ connectionString: other.connectionString });
    try {
      await others.append(
        'spec-index',
        Array.from({ length: 150 }, () => newEvent()),
        'any',
      );
      const keeper = start('other', others);
      await keeper.levelIndex();
      await keeper.stopKeeping();
    } finally {
      await others.close();
      await other.stop();
    }
    expect(await findAll(start('other'), ids)).toEqual(ids);
    expect(said).toEqual(['The index of events is made again: it is that of another log']);
  });

  it('that needs longer than a question may wait says how far it is, and gets there', async () => {
    const ids = await append(50);
    const held = withResolvers();
    const slow: Pick<EventStore, 'readStored'> = {
      async *readStored(read, signal) {
        if (read.direction === 'forwards' && read.limit === undefined) await held.promise;
        yield* store.readStored(read, signal);
      },
    };
    const parts = { folder: join(folder, 'slow'), store: slow, waitMs: 20, say: () => undefined };
    const keeper = new IndexKeeper(parts);
    keepers.push(keeper);
    const refused = await keeper.levelIndex().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'event_index_unavailable',
      retryable: true,
      message: 'The index of events has read 0 % of the log; try again',
    });
    held.resolve();
    parts.waitMs = 20_000;
    expect(await findAll(keeper, ids)).toEqual(ids);
  });

  it('belongs to one process', async () => {
    await start('locked').levelIndex();
    await expect(start('locked').levelIndex()).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('knows the streams with cursors of a bot, and of no other', async () => {
    const streams = ['cursor-ann.default', 'cursor-ann.two', 'cursor-annabel.default'];
    for (const stream of streams) await append(1, stream);
    const keeper = start('cursors');
    const ofAnn = ['cursor-ann.default', 'cursor-ann.two'];
    expect((await keeper.levelIndex()).cursorStreamsOf('ann')).toEqual(ofAnn);
    await append(300);
    await keeper.levelIndex();
    await keeper.stopKeeping();
    expect((await start('cursors').levelIndex()).cursorStreamsOf('ann')).toEqual(ofAnn);
  });
});
