import { setTimeout as sleep } from 'node:timers/promises';
import { EventStore } from '#libs/event-store/event-store.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { printTable, say } from './harness/results.js';
import { median, round } from '#tools/harness/measure/statistics.js';
import { appendMessages } from './load/append-messages.js';

export type ServingOptions = Readonly<{ messages: number; rate: number; seconds: number }>;

const QUESTIONS = ['', '?channel=channel-3', '?bot=alice', '?q=long', '?q=999', '?limit=200'];
const PAUSE_MS = 20;
const BATCH = 500;
const CHANNELS = 8;

/** Measures what queries notice while the read model of messages is rebuilt and messages arrive. */
export const serving = async ({ messages, rate, seconds }: ServingOptions): Promise<object> => {
  const roles = await startRoles({ projectors: 1, admins: 1 });
  const store = new EventStore({ connectionString: roles.eventStoreUrl });
  const database = new ReadModelDatabase({ url: roles.postgres.url, applicationName: 'bench' });
  const over = new AbortController();
  try {
    const { api } = roles.admins[0]!;
    await fill(store, messages);
    const last = await appendMessages(store, 'channel-0', messages, 1);
    await waitFor('the read model', () => reflects(api, last), 600_000, 500);
    const arriving = arrive(store, rate, over.signal);
    const calm = await askUntil(api, sleep(seconds * 1_000));
    const before = await generation(database);
    const began = performance.now();
    await api.request('POST', '/v1/projections/messages/rebuild');
    const swapped = waitFor('the swap', async () => (await generation(database)) > before, 600_000, 50);
    const rebuilding = await askUntil(api, swapped);
    const took = round((performance.now() - began) / 1_000, 1);
    const afterwards = await askUntil(api, sleep(seconds * 1_000));
    over.abort();
    await arriving;
    say(`  ${messages} messages rebuilt in ${took} s while ${rate} a second arrived`);
    const results = { calm, rebuilding, afterwards };
    printTable('Answers over HTTP (ms)', Object.entries(results).map(rowOf));
    return { took, ...results };
  } finally {
    over.abort();
    await store.close();
    await database.close();
    await roles.remove();
  }
};

const fill = async (store: EventStore, messages: number): Promise<void> => {
  const each = Math.floor(messages / CHANNELS);
  await Promise.all(
    Array.from({ length: CHANNELS }, async (_, index) => {
      for (let from = 0; from < each; from += BATCH)
        await appendMessages(store, `channel-${index}`, from, Math.min(BATCH, each - from));
    }),
  );
};

const reflects = async (api: VerbatimApi, position: bigint): Promise<boolean> => {
  const { headers } = await api.request('GET', '/v1/messages?limit=1');
  return BigInt(headers.get('x-verbatim-position') ?? 0) >= position;
};

const generation = async (database: ReadModelDatabase): Promise<number> => {
  const [active] = await database.rows<{ generation: number }>(
    `SELECT generation FROM projection_builds WHERE name = 'messages' AND active`,
  );
  return active!.generation;
};

const arrive = async (store: EventStore, rate: number, signal: AbortSignal): Promise<void> => {
  const began = performance.now();
  for (let sent = 0; !signal.aborted; await sleep(10)) {
    const due = Math.floor(((performance.now() - began) * rate) / 1_000);
    if (due > sent) await appendMessages(store, 'arriving', sent, due - sent);
    sent = due;
  }
};

/** `back` counts answers that reflect less than an earlier one. */
type Asked = { times: Record<string, number[]>; failed: number; empty: number; back: number };

/** Sends all queries in turn, two at a time, until `event` has happened. */
const askUntil = async (api: VerbatimApi, event: Promise<unknown>): Promise<Asked> => {
  const asked: Asked = { times: {}, failed: 0, empty: 0, back: 0 };
  const over = new AbortController();
  const ended = event.finally(() => over.abort());
  const asking = async (first: number): Promise<void> => {
    let seen = 0n;
    for (let turn = first; !over.signal.aborted; turn += 1) {
      seen = await ask(api, QUESTIONS[turn % QUESTIONS.length]!, asked, seen);
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all([ended, asking(0), asking(QUESTIONS.length / 2)]);
  return asked;
};

const ask = async (api: VerbatimApi, question: string, asked: Asked, seen: bigint): Promise<bigint> => {
  const began = performance.now();
  const { status, headers, body } = await api.request('GET', `/v1/messages${question}`);
  (asked.times[question] ??= []).push(performance.now() - began);
  if (status !== 200 || headers.get('x-verbatim-stale') !== null) asked.failed += 1;
  if (!Array.isArray(body['items']) || body['items'].length === 0) asked.empty += 1;
  const position = BigInt(headers.get('x-verbatim-position') ?? 0);
  if (position < seen) asked.back += 1;
  return position;
};

/** `worst` is the slowest answer, next to the median of its query. */
const rowOf = ([when, { times, failed, empty, back }]: [string, Asked]) => {
  const all = Object.values(times);
  const worst = all.map((each) => Math.max(...each) / median(each));
  return {
    when,
    answers: all.flat().length,
    p50: round(median(all.flat()), 1),
    max: round(Math.max(...all.flat()), 1),
    'worst beside its median': round(Math.max(...worst), 1),
    failed,
    empty,
    'reflecting less than before': back,
  };
};
