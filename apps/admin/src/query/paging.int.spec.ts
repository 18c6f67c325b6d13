import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const postgres = usePostgres();
let api: AdminApi;

beforeAll(async () => {
  api = await AdminApi.start(postgres);
});
afterAll(() => api?.stop());

const CHANNELS = ['general', 'news', 'ops'];
const BOTS = ['alice', 'bob', 'carol'];
const WORDS = ['green', 'red', '東京'];

type Said = Readonly<{
  channel: string;
  bot: string;
  body: string;
  id: string;
  seq: number;
  at: string;
  position: bigint;
}>;
type Filter = Readonly<{ channel?: string; bot?: string; q?: string; from?: string; to?: string }>;

const one = <T>(values: readonly T[]) => fc.constantFrom(...values);
const anyMessage = fc.record({
  channel: one(CHANNELS),
  bot: one(BOTS),
  body: fc.array(one(WORDS), { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
});
const messages = fc.array(anyMessage, { minLength: 1, maxLength: 40 });
const maybe = <T>(values: readonly T[]) => fc.option(one(values), { nil: undefined });

/** Returns the messages in the log, in its order. The lists are compared with them. */
const said = (): Said[] =>
  api.log.events
    .filter(({ type }) => type === 'MessagePosted')
    .map(({ data, revision, at, position }) => ({
      ...(data as { channel: string; bot: string; body: string; id: string }),
      seq: revision,
      at: at.toISOString(),
      position: position.commit,
    }));

const fits =
  ({ channel, bot, q, from, to }: Filter) =>
  (message: Said): boolean =>
    (channel === undefined || message.channel === channel) &&
    (bot === undefined || message.bot === bot) &&
    (q === undefined || message.body.split(' ').includes(q)) &&
    (from === undefined || message.at >= from) &&
    (to === undefined || message.at < to);

const queryOf = (filter: object, limit: number): string => {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined) as [string, string][];
  return new URLSearchParams([...given, ['limit', String(limit)]]).toString();
};

/** Reads all pages of a list. `meanwhile` is called before each page, and what it starts is not awaited. */
const readAll = async (path: string, query: string, meanwhile: () => void) => {
  const items: Record<string, unknown>[] = [];
  let reflected: bigint | undefined;
  for (let next: string | undefined = ''; next !== undefined;) {
    meanwhile();
    const answer = await api.get(`${path}?${query}${next && `&cursor=${next}`}`);
    expect(answer.status).toBe(200);
    reflected ??= BigInt(answer.headers.get('x-verbatim-position')!);
    items.push(...answer.body.items);
    next = answer.body.next;
  }
  return { items, reflected: reflected! };
};

describe('a list read page by page while it grows', () => {
  it('has every message that existed at the first page once and in order, for every query, and no other', async () => {
    const times = fc.tuple(fc.nat(999), fc.nat(999));
    await fc.assert(
      fc.asyncProperty(
        messages,
        messages,
        fc.record({ channel: maybe(CHANNELS), bot: maybe(BOTS), q: maybe(WORDS), span: fc.option(times) }),
        fc.integer({ min: 1, max: 7 }),
        async (before, arriving, { span, ...asked }, limit) => {
          for (const { channel, bot, body } of before) api.posted(channel, bot, body);
          await api.fresh('/messages?limit=1');
          const all = said();
          const [from, to] = (span ?? [])
            .map((share) => all[Math.floor((share / 1_000) * all.length)]!.at)
            .toSorted();
          const filter = { ...asked, ...(from && { from }), ...(to && { to }) } as Filter;
          const late = [...arriving];
          const { items, reflected } = await readAll('/messages', queryOf(filter, limit), () => {
            for (const { channel, bot, body } of late.splice(0, 3)) api.posted(channel, bot, body);
          });
          const expected = said()
            .filter(({ position }) => position <= reflected)
            .filter(fits(filter));
          const found = items.map(({ channel, seq }) => `${String(channel)} ${String(seq)}`);
          expect(found).toEqual(expected.map(({ channel, seq }) => `${channel} ${seq}`).toReversed());
        },
      ),
      { numRuns: propertyRuns(30) },
    );
  });

  it('has every bot and channel that existed at the first page once, in the order of names', async () => {
    const named = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,5}$/), {
      minLength: 1,
      maxLength: 30,
    });
    const known = new Set<string>();
    const make = (names: readonly string[]): void => {
      for (const name of names) {
        if (known.has(name)) continue;
        known.add(name);
        api.happened(`bot-${name}`, 'BotRegistered', { bot: name });
        api.happened(`channel-${name}`, 'ChannelOpened', { channel: name, visibility: 'public' });
      }
    };
    await fc.assert(
      fc.asyncProperty(
        named,
        named,
        one(['bot', 'channel']),
        fc.integer({ min: 1, max: 7 }),
        async (before, arriving, field, limit) => {
          make(before);
          await api.fresh(`/${field}s?limit=1`);
          const there = [...known];
          const late = [...arriving];
          const { items } = await readAll(`/${field}s`, queryOf({}, limit), () => make(late.splice(0, 2)));
          const found = items.map((item) => item[field] as string);
          expect(found).toEqual([...new Set(found)].toSorted());
          expect(there.filter((name) => !found.includes(name))).toEqual([]);
        },
      ),
      { numRuns: propertyRuns(15) },
    );
  });
});
