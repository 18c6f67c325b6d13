import type { EntityManager } from 'typeorm';
import type { MessageRow } from '#libs/projections/entities/message.entity.js';
import { RANKED, relevanceOf } from '#libs/projections/messages/search/relevance.js';
import { RequestError } from '#libs/protocol/errors.js';
import { DEFAULT_LIMIT } from '../query/page.js';
import type { Page } from '../query/page.js';
import type { ListMessagesQuery } from './list-messages.request.js';
import { sqlOrder } from './message-filter.js';
import type { Place, Span } from './message-filter.js';
import { encodeRanked, encodeSpanBelow, readRankedCursor } from './ranked-cursor.js';
import type { RankedPlace, RankedWindow, Road } from './ranked-cursor.js';
import { isForIndex, lastOf, matchesOf } from './search.query.js';
import type { Among, SearchBounds } from './search.query.js';
import { shownMessages } from './shown-messages.js';

/** A place before every message of the log. */
const BEGINNING: Place = { position: '0', seq: '0' };

type Match = Readonly<{ channel: string; seq: string; position: string; words: string | null }>;
type RatedMatch = RankedPlace & Readonly<{ channel: string }>;

/**
 * Returns a page of a search, the most relevant messages first ({@link relevanceOf}), newest first among equals.
 *
 * To bound the cost, the newest matches are ranked, up to 1,000 of them: a *window* of the log. When all its pages were
 * read, the next window follows with older messages. The cursor names both ends of its window. So each message that
 * nobody changes meanwhile comes exactly once, whatever arrives.
 *
 * @throws RequestError `invalid_payload` for a broken cursor, or if so many messages of the window were edited since its
 *   first page that its cost has no bound any more
 */
export const rankedPage = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds: SearchBounds,
): Promise<Page<MessageRow>> => {
  const { limit = DEFAULT_LIMIT, q = '', cursor } = query;
  const { window, after, below } = readRankedCursor(cursor);
  const found = window
    ? { window, matches: await matchesIn(source, query, window, bounds) }
    : await openWindow(source, query, below, bounds);
  const ranked = ratedBy(q, found.matches).filter((match) => !after || inOrder(after, match) < 0);
  const shown = ranked.slice(0, limit);
  const items = await rowsOf(source, shown);
  const next =
    ranked.length > limit
      ? encodeRanked(found.window, shown.at(-1)!)
      : found.window.floor !== undefined && encodeSpanBelow(found.window.floor);
  return next === false ? { items } : { items, next };
};

type Opened = Readonly<{ window: RankedWindow; matches: readonly Match[] }>;

/** Finds the next window. It takes the same roads as a search by time, and looks as far. */
const openWindow = async (
  source: EntityManager,
  query: ListMessagesQuery,
  below: Place | undefined,
  bounds: SearchBounds,
): Promise<Opened> => {
  const span = below ? { below } : {};
  const matchesBy = (road: Road): Promise<Match[]> =>
    matches(source, query, amongOf(road, bounds), bounds.ranked + 1, span);
  const newest = await matchesBy('newest');
  if (newest.length <= bounds.frequent && (await isForIndex(source, query, bounds, span)))
    return windowOf('indexed', await matchesBy('indexed'), bounds, undefined);
  return windowOf('newest', newest, bounds, await lastOf(source, query, bounds.newest, span));
};

/** `end`: where the search stopped looking, though there is more. */
const windowOf = (
  road: Road,
  found: readonly Match[],
  { ranked }: SearchBounds,
  end: Place | undefined,
): Opened => {
  const within = found.slice(0, ranked);
  const floor = found.length > ranked ? within.at(-1) : end;
  const [first] = within;
  // A window without matches is not read again, so it needs no place.
  const below = first ? above(first) : BEGINNING;
  return { window: { road, below, ...(floor && { floor }) }, matches: within };
};

const above = ({ position, seq }: Place): Place => ({ position, seq: `${BigInt(seq) + 1n}` });

const matchesIn = async (
  source: EntityManager,
  query: ListMessagesQuery,
  { road, below, floor = BEGINNING }: RankedWindow,
  bounds: SearchBounds,
): Promise<Match[]> => {
  const most = 2 * bounds.ranked;
  const found = await matches(source, query, amongOf(road, bounds), most + 1, { below, floor });
  if (found.length <= most) return found;
  throw new RequestError(
    'invalid_payload',
    'Field "cursor" is of no use any more: too many of these messages were edited since, begin the search again',
  );
};

const amongOf = (road: Road, { newest }: SearchBounds): Among => (road === 'indexed' ? road : newest);

const matches = (
  source: EntityManager,
  query: ListMessagesQuery,
  among: Among,
  count: number,
  span: Span,
): Promise<Match[]> => {
  const { sql, parameters } = matchesOf(source, query, among, count, span);
  const [text, values] = source.connection.driver.escapeQueryWithParameters(
    among === 'indexed' ? withWords(sql, query.channel) : `SELECT ${KEYS}, ${wordsOf('found')} FROM ${sql}`,
    parameters,
  );
  return source.query<Match[]>(text, values);
};

const KEYS = 'found.channel, found.seq, found.position';
const wordsOf = (table: string): string => `left(${table}.words, ${RANKED.characters}) AS words`;

/**
 * Returns SQL that reads the words of the last matches only. The index may find very many, and sorting them with their
 * words takes twice as long.
 */
const withWords = (found: string, channel: string | undefined): string =>
  `SELECT ${KEYS}, ${wordsOf('message')} FROM (SELECT ${KEYS} FROM ${found}) AS found
   JOIN messages AS message ON (message.channel, message.seq) = (found.channel, found.seq)
   ORDER BY ${sqlOrder('found', channel)}`;

const ratedBy = (q: string, found: readonly Match[]): RatedMatch[] => {
  const relevance = relevanceOf(q);
  return found
    .map(({ channel, seq, position, words }) => ({ channel, seq, position, rating: relevance(words ?? '') }))
    .toSorted(inOrder);
};

const inOrder = (a: RankedPlace, b: RankedPlace): number =>
  b.rating - a.rating || compare(b.position, a.position) || compare(b.seq, a.seq);

const compare = (a: bigint | string | number, b: bigint | string | number): number => {
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Returns the rows of these messages, in the order given. */
const rowsOf = async (source: EntityManager, shown: readonly RatedMatch[]): Promise<MessageRow[]> => {
  if (shown.length === 0) return [];
  const rows = await shownMessages(source)
    .where('(message.channel, message.seq) IN (SELECT * FROM unnest(:channels::text[], :seqs::bigint[]))', {
      channels: shown.map(({ channel }) => channel),
      seqs: shown.map(({ seq }) => seq),
    })
    .getMany();
  const byPlace = new Map(rows.map((row) => [`${row.channel}/${row.seq}`, row]));
  return shown.flatMap(({ channel, seq }) => byPlace.get(`${channel}/${seq}`) ?? []);
};
