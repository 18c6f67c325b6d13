import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { listMessages } from '#apps/admin/src/messages/list-messages.query.js';
import type { ListMessagesQuery } from '#apps/admin/src/messages/list-messages.request.js';
import { encodeCursor } from '#apps/admin/src/query/cursor.js';
import { ACTIVITY_TABLE } from '#libs/projections/activity/activity.table.js';
import { MESSAGES_TABLE } from '#libs/projections/messages/messages.table.js';
import { indexedText } from '#libs/projections/messages/search/indexed-text.js';
import { copyLine } from '#libs/projections/postgres/copy-text.js';
import type { CopyValue } from '#libs/projections/postgres/copy-text.js';
import type { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import type { Transaction } from '#libs/projections/postgres/transaction.js';
import {
  INDEX_MEMORY,
  createApplyIndexes,
  createQueryIndexes,
  createTables,
  createViews,
} from '#libs/projections/builds/table-shape.js';
import { AdminApi } from '../support/admin-api.js';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import { scratchDatabase } from '../support/read-models.js';
import type { ScratchDatabase } from '../support/read-models.js';
import { printTable, say } from './harness/results.js';
import { Samples, round } from '#tools/harness/measure/statistics.js';

export type QueriesOptions = Readonly<{ messages: number; runs: number }>;

type Question = Readonly<{ what: string; path: string; query?: ListMessagesQuery }>;

/** Measures every query to the read models over this many messages, warm, with the plans that PostgreSQL chooses. */
export const queries = async ({ messages, runs }: QueriesOptions): Promise<object> => {
  const server = await TestPostgresServer.start();
  const scratch = await scratchDatabase(server);
  try {
    await fill(scratch, messages);
    const api = await AdminApi.over(scratch.url);
    const questions = questionsOver(messages);
    const answers: Record<string, ReturnType<Samples['spread']>> = {};
    for (const { what, path } of questions) answers[what] = await measure(api, path, runs);
    await api.stop();
    printTable(
      `Answers over HTTP with ${messages} messages (ms)`,
      Object.entries(answers).map(([what, spread]) => ({ what, ...spread })),
    );
    const ratio = round(answers['10,000th page']!.p50 / answers['first page']!.p50);
    say(`10,000th page compared with the first, ratio of medians: ${ratio}`);
    const plans = await explain(scratch, questions);
    for (const [what, all] of Object.entries(plans)) say(`\n${what}\n${all.join('\n  -- then:\n')}`);
    return { answers, ratio, plans };
  } finally {
    await scratch.close();
    await server.remove();
  }
};

/** Fills 100 channels of 200 bots, with words that are in half of the messages, in a hundredth, and in few. */
const fill = async ({ stores }: ScratchDatabase, messages: number): Promise<void> => {
  const { maintenance: database } = stores;
  const { messages: messagesTable, activity: activityTable } = FILLED;
  // As in a rebuild, the indexes are made afterwards, which takes a fraction of the time.
  await database.rows('DROP VIEW messages, activity');
  await database.rows('DROP TABLE messages_g1, activity_g1');
  await database.transaction((tx) => createTables(tx, [messagesTable, activityTable], 1));
  await database.rows('ALTER TABLE activity_g1 DROP CONSTRAINT activity_g1_pkey');
  const statements = [
    `INSERT INTO channels_g1 SELECT 'channel-' || n, 'public', 'open', now(), NULL, NULL, 0, n, 0 FROM generate_series(0, 99) AS n`,
    `INSERT INTO bots_g1 SELECT 'bot-' || n, 'active', now(), NULL, NULL, NULL, n FROM generate_series(0, 198) AS n`,
    `SET work_mem = '512MB'; INSERT INTO activity_g1 SELECT i, date_trunc(i, at, 'UTC'), channel, bot, count(*), 0, 0, sum(octet_length(body)), max(seq)
     FROM messages_g1, unnest(ARRAY['minute', 'hour', 'day']) AS i GROUP BY 1, 2, 3, 4`,
    `ALTER TABLE activity_g1 ADD PRIMARY KEY (${activityTable.key.join(', ')})`,
    `UPDATE projection_builds SET commit_position = ${messages * 100}, prepare_position = ${messages * 100}`,
  ];
  await timed('COPY of messages', () => copyMessages(database, messages));
  for (const statement of statements) await timed(statement, () => database.rows(statement));
  await timed('indexes', () => database.transaction(indexAll));
  await timed('VACUUM', () => database.rows('VACUUM (ANALYZE)'));
};

const COPIED = ['channel', 'seq', 'id', 'bot', 'kind', 'body', 'at', 'position', 'words', 'search'];
const COPIED_AT_ONCE = 10_000;
const FIRST_AT = Date.UTC(2026, 0, 1);

/** Copies messages as a rebuild does. The search data are made here. */
const copyMessages = async (database: ReadModelDatabase, messages: number): Promise<void> => {
  for (let from = 1; from <= messages; from += COPIED_AT_ONCE) {
    const count = Math.min(COPIED_AT_ONCE, messages - from + 1);
    const lines = Array.from({ length: count }, (_, index) => copyLine(messageRow(from + index)));
    await database.transaction((tx) => tx.copy('messages_g1', COPIED, Buffer.from(lines.join(''))));
  }
};

const messageRow = (n: number): [CopyValue, ...CopyValue[]] => {
  const body = bodyOf(n);
  const { words, search } = indexedText(body);
  const at = new Date(FIRST_AT + n * 10_000).toISOString();
  const [channel, seq] = [`channel-${n % 100}`, Math.floor(n / 100)];
  return [channel, seq, randomUUID(), `bot-${n % 199}`, 'posted', body, at, n * 100, words, search];
};

const bodyOf = (n: number): string =>
  `message ${n}${n % 2 === 0 ? ' green' : ' red'}${n % 100 === 7 ? ' rollback' : ''}` +
  `${n % 20_000 === 3 ? ' 東京' : ''} about as long as what bots have to say`;

const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  const began = performance.now();
  await work();
  say(`  ${Math.round(performance.now() - began)} ms: ${what.slice(0, 50)}…`);
};

const FILLED = { messages: MESSAGES_TABLE, activity: ACTIVITY_TABLE };

const indexAll = async (tx: Transaction): Promise<void> => {
  const tables = Object.values(FILLED);
  await tx.run(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`);
  await createApplyIndexes(tx, tables, 1);
  await createQueryIndexes(tx, tables, 1);
  await createViews(tx, tables, 1);
};

const questionsOver = (messages: number): Question[] => {
  // The newest message is number `messages`, and a page holds 50.
  const deep = encodeCursor('m1', (messages - Math.min(10_000, messages / 100) * 50) * 100, 1);
  const lists: [string, ListMessagesQuery][] = [
    ['first page', {}],
    ['10,000th page', { cursor: deep }],
    ['of a channel', { channel: 'channel-7' }],
    ['of a bot', { bot: 'bot-7' }],
    ['of a bot in a channel', { bot: 'bot-7', channel: 'channel-7' }],
    ['of a time', { from: '2026-02-01', to: '2026-02-02' }],
    ['as of a time', { asOf: '2026-02-01' }],
    ['word in half of them', { q: 'green' }],
    ['word in a hundredth', { q: 'rollback' }],
    ['word in few', { q: '東京' }],
    ['one character', { q: '京' }],
    ['word in none', { q: 'nowhere' }],
    ['two words', { q: 'rollback green' }],
    ['a phrase', { q: '"message 7007"' }],
    ['a phrase of words that are everywhere, but never so', { q: '"say message"' }],
    ['a beginning of few', { q: '70070*' }],
    ['word of a channel', { q: 'rollback', channel: 'channel-7' }],
    ['by relevance: word in half of them', { q: 'green', sort: 'relevance' }],
    ['by relevance: word in a hundredth', { q: 'rollback', sort: 'relevance' }],
    ['by relevance: word in few', { q: '東京', sort: 'relevance' }],
    ['by relevance: word in none', { q: 'nowhere', sort: 'relevance' }],
    ['by relevance: two words', { q: 'message about', sort: 'relevance' }],
    ['by relevance: words never so', { q: '"say message"', sort: 'relevance' }],
    ['by relevance: a beginning of many', { q: '7*', sort: 'relevance' }],
  ];
  return [
    ...lists.map(([what, query]) => ({
      what,
      path: `/messages?${new URLSearchParams(Object.entries(query)).toString()}`,
      query,
    })),
    { what: 'channels', path: '/channels?limit=100' },
    { what: 'bots', path: '/bots?limit=200' },
    { what: 'stats by the hour', path: '/stats?interval=hour&from=2026-02-01&to=2026-03-01' },
    {
      what: 'stats of a bot by the day',
      path: '/stats?interval=day&from=2026-01-01&to=2026-04-01&bot=bot-7',
    },
  ];
};

const WARM_UP = 20;

const measure = async (api: AdminApi, path: string, runs: number): Promise<ReturnType<Samples['spread']>> => {
  const samples = new Samples();
  for (let run = -WARM_UP; run < runs; run += 1) {
    const began = performance.now();
    const { status } = await api.get(path);
    if (status !== 200) throw new Error(`${path} was answered with ${status}`);
    if (run >= 0) samples.addSample(performance.now() - began);
  }
  return samples.spread();
};

/** Returns the plans of all statements that a query really runs, one after the other. */
const plansOf = async (source: EntityManager, query: ListMessagesQuery): Promise<string[]> => {
  const plans = [];
  for (const { sql, parameters } of await statementsOf(source, query)) {
    const lines = await source.query<{ 'QUERY PLAN': string }[]>(`EXPLAIN (COSTS OFF) ${sql}`, parameters);
    plans.push(lines.map((line) => `  ${line['QUERY PLAN']}`).join('\n'));
  }
  return plans;
};

type Statement = Readonly<{ sql: string; parameters: unknown[] }>;

const statementsOf = async (source: EntityManager, query: ListMessagesQuery): Promise<Statement[]> => {
  const statements: Statement[] = [];
  const { connection } = source;
  const { logger } = connection;
  connection.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: (sql: string, parameters: unknown[] = []) => void statements.push({ sql, parameters }),
  });
  await listMessages(source, query).finally(() => (connection.logger = logger));
  return statements;
};

const explain = async (
  { database }: ScratchDatabase,
  questions: readonly Question[],
): Promise<Record<string, string[]>> => {
  const plans: Record<string, string[]> = {};
  for (const { what, query } of questions) {
    if (query) plans[what] = await database.guarded(({ manager }) => plansOf(manager, query));
  }
  const scans = Object.entries(plans).filter(([, all]) => all.some((plan) => plan.includes('Seq Scan')));
  say(
    `\nsequential scans of messages: ${scans.length === 0 ? 'none' : scans.map(([what]) => what).join(', ')}`,
  );
  return plans;
};
