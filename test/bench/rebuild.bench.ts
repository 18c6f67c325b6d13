import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStore } from '#libs/event-store/event-store.js';
import { copiedRow, toMessageOf, toRecord } from '#libs/projections/messages/message-row.js';
import { messagesProjection } from '#libs/projections/messages/messages.projection.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { openBuilds } from '#libs/projections/builds/generations.js';
import { want } from '#libs/projections/runner/control-store.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';
import type { Projection } from '#libs/projections/builds/projection.js';
import { openProjectionStores } from '#libs/projections/runner/projection-stores.js';
import { migrateReadModels } from '#libs/projections/postgres/migrate.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { appendMessages } from './load/append-messages.js';
import { printTable, say } from './harness/results.js';
import { Samples, median, round } from '#tools/harness/measure/statistics.js';

export type RebuildOptions = Readonly<{ messages: number; runs: number; rate: number; seconds: number }>;

/**
 * Measures how fast the read model of messages is rebuilt, next to PostgreSQL's own COPY of the same rows, and how far
 * it lags.
 */
export const rebuild = async ({ messages, runs, rate, seconds }: RebuildOptions): Promise<object> => {
  const roles = await startRoles({});
  try {
    const store = new EventStore({ connectionString: roles.eventStoreUrl });
    await fill(store, messages);
    say(`  ${messages} messages in the log`);
    const withSearch = await buildRates(roles, store, messagesProjection, messages, runs);
    const plain = await buildRates(roles, store, withoutSearch, messages, runs);
    const lag = await lagAt(roles, store, rate, seconds);
    await store.close();
    printTable(`Rows a second, ${messages} messages`, [
      rowOf('rebuild with search', withSearch),
      rowOf('rebuild without search', plain),
    ]);
    printTable(`From the append to visible rows at ${rate} messages/s (ms)`, [{ ...lag }]);
    return { withSearch, plain, lag };
  } finally {
    await roles.remove();
  }
};

/** The messages projection without search. It has another name, because it keeps its own read model. */
const withoutSearch: Projection = {
  ...messagesProjection,
  name: 'messages_plain',
  tables: messagesProjection.tables.map((table) => ({
    ...table,
    name: 'messages_plain',
    queryIndexes: Object.fromEntries(
      Object.entries(table.queryIndexes ?? {}).filter(([name]) => name !== 'search'),
    ),
  })),
  apply: (events, tx, table) => messagesProjection.apply(events, tx, () => table('messages_plain')),
  load: {
    ...messagesProjection.load!,
    table: 'messages_plain',
    row: (event) => copiedRow({ ...toRecord(toMessageOf(event), event), words: null, search: null }),
    settle: (tx, table) => messagesProjection.load!.settle(tx, () => table('messages_plain')),
  },
};

const BATCH = 500;
const CHANNELS = 8;

/** Fills channels in parallel, so that one append is encoded while another is synced. */
const fill = async (store: EventStore, messages: number): Promise<void> => {
  const each = messages / CHANNELS;
  await Promise.all(
    Array.from({ length: CHANNELS }, async (_, index) => {
      for (let from = 0; from < each; from += BATCH) {
        await appendMessages(store, `channel-${index}`, from, Math.min(BATCH, each - from));
      }
    }),
  );
};

type CopyRates = Readonly<{ sameIndexes: number; indexedAfterwards: number }>;
type Rates = Readonly<{ rebuild: number[]; copies: CopyRates[] }>;

const buildRates = async (
  roles: Roles,
  store: EventStore,
  projection: Projection,
  messages: number,
  runs: number,
): Promise<Rates> => {
  const { url } = roles.postgres;
  await migrateReadModels(url);
  const stores = openProjectionStores(url, 1);
  const runner = new ProjectionRunner(projection, store, stores, { heartbeatMs: 20 });
  const rates: { rebuild: number[]; copies: CopyRates[] } = { rebuild: [], copies: [] };
  try {
    await openBuilds(stores.database, projection);
    runner.start();
    const level = async (): Promise<boolean> => {
      const { state, reason } = runner.status();
      if (state === 'failed') throw new Error(reason?.message);
      return (await countOf(stores.database, projection.name)) >= messages;
    };
    await waitFor(`${projection.name} to be level`, level, 600_000, 250);
    for (let run = 0; run < runs; run += 1) {
      rates.copies.push(await copyRates(stores.maintenance, projection.name, messages));
      const before = await activeGeneration(stores.database, projection.name);
      const began = performance.now();
      await want(stores.database, projection.name, 'rebuild');
      const swapped = async (): Promise<boolean> =>
        (await activeGeneration(stores.database, projection.name)) > before;
      await waitFor('the swap', swapped, 600_000, 10);
      rates.rebuild.push(round(messages / ((performance.now() - began) / 1_000), 0));
    }
  } finally {
    await runner.stopProjection();
    await stores.close();
  }
  return rates;
};

const countOf = async (database: ReadModelDatabase, view: string): Promise<number> => {
  const [counted] = await database.rows<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${view}`);
  return counted!.rows;
};

const activeGeneration = async (database: ReadModelDatabase, name: string): Promise<number> => {
  const [active] = await database.rows<{ generation: number }>(
    'SELECT generation FROM projection_builds WHERE name = $1 AND active',
    [name],
  );
  return active!.generation;
};

/**
 * Lets the server read the rows from a file of its own, without a client or an event store: first into a table of the
 * same shape with the same indexes, then as fast as it can, into a table with only its key, with the indexes made
 * afterwards.
 */
const copyRates = async (database: ReadModelDatabase, view: string, messages: number): Promise<CopyRates> => {
  const built = `${view}_g${await activeGeneration(database, view)}`;
  const [columns] = await database.rows<{ list: string }>(
    `SELECT string_agg(attname, ', ' ORDER BY attnum) AS list FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0`,
    [built],
  );
  const indexes = await database.rows<{ definition: string }>(
    `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = $1::regclass AND NOT indisprimary`,
    [built],
  );
  const { list } = columns!;
  const [folder] = await database.rows<{ data_directory: string }>('SHOW data_directory');
  const file = `${folder!.data_directory}/copied.tsv`;
  await database.rows(`COPY (SELECT ${list} FROM ${built}) TO '${file}'`);
  const rateOf = async (shape: string, after: readonly string[]): Promise<number> => {
    await database.rows(`CREATE TABLE copied (LIKE ${built}${shape})`);
    const began = performance.now();
    await database.rows(`COPY copied (${list}) FROM '${file}'`);
    for (const statement of after) await database.rows(statement);
    const rate = messages / ((performance.now() - began) / 1_000);
    await database.rows('DROP TABLE copied');
    return round(rate, 0);
  };
  const made = indexes.map(({ definition }) => definition.replaceAll(built, 'copied'));
  const sameIndexes = await rateOf(' INCLUDING ALL', []);
  const indexedAfterwards = await rateOf(', PRIMARY KEY (channel, seq)', made);
  await rm(file, { force: true });
  return { sameIndexes, indexedAfterwards };
};

/**
 * Measures the read model's lag as a caller sees it: until the checkpoint in PostgreSQL has passed what was appended.
 */
const lagAt = async (roles: Roles, store: EventStore, rate: number, seconds: number) => {
  const stores = openProjectionStores(roles.postgres.url, 1);
  const runner = new ProjectionRunner(messagesProjection, store, stores);
  const waiting: { position: bigint; at: number; count: number }[] = [];
  const lags = new Samples();
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted || waiting.length > 0) {
      const [row] = await stores.maintenance.rows<{ position: string }>(
        `SELECT commit_position AS position FROM projection_builds WHERE name = 'messages' AND active`,
      );
      const now = performance.now();
      while (waiting[0] && waiting[0].position <= BigInt(row!.position)) {
        const { at, count } = waiting.shift()!;
        for (let i = 0; i < count; i += 1) lags.addSample(now - at);
      }
      await sleep(2);
    }
  };
  runner.start();
  await waitFor('the runner', () => runner.status().state === 'live', 60_000);
  const watching = watch();
  const began = performance.now();
  let sent = 0;
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor(((performance.now() - began) * rate) / 1_000);
    if (due > sent) {
      const at = performance.now();
      const position = await appendMessages(store, 'lag', sent, due - sent);
      waiting.push({ position, at, count: due - sent });
      sent = due;
    }
    await sleep(5);
  }
  over.abort();
  await watching;
  await runner.stopProjection();
  await stores.close();
  return lags.spread();
};

const rowOf = (what: string, { rebuild: rates, copies }: Rates) => {
  const rate = median(rates);
  const same = median(copies.map(({ sameIndexes }) => sameIndexes));
  const afterwards = median(copies.map(({ indexedAfterwards }) => indexedAfterwards));
  return {
    what,
    'rows/s': rate,
    'COPY, same indexes': same,
    ratio: round(rate / same),
    'COPY, then indexes': afterwards,
    'ratio ': round(rate / afterwards),
    runs: rates.length,
  };
};
