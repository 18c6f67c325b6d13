import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { searchCondition } from '#libs/projections/messages/search/search-condition.js';
import type { MessageRow } from '#libs/projections/entities/message.entity.js';
import { DEFAULT_LIMIT } from '../query/page.js';
import { allKeys, newestKeys, orderOf, sqlOrder } from './message-filter.js';
import type { Place, Span } from './message-filter.js';
import type { ListMessagesQuery } from './list-messages.request.js';
import { shownMessages } from './shown-messages.js';

/** How far a search looks, in messages. */
export type SearchBounds = Readonly<{
  /** So many of the newest are looked through first. */
  newest: number;
  /** If more of them contain the words, though not in their order, the words are too frequent for the index. */
  common: number;
  /** If more of the newest match, a search by relevance ranks these, and does not look further for one page. */
  frequent: number;
  /** So many matches are ranked at once. */
  ranked: number;
}>;

export const SEARCH_BOUNDS: SearchBounds = {
  newest: 10_000,
  common: 1_000,
  frequent: 50,
  ranked: 1_000,
};

/** `lookedTo`: where the search ended, though there is more to look through. */
export type Found = Readonly<{ rows: MessageRow[]; lookedTo?: Place | undefined }>;

/**
 * Runs a search among the newest messages first, because a frequent word fills its page from them. Otherwise
 * it uses the index of words and sorts the few messages found. PostgreSQL's planner cannot make this choice:
 * it assumes that words are independent and evenly spread, and would walk the whole table for two words that
 * never occur together. If frequent words have to stand in an order in which they hardly ever stand, the index
 * is of no use: then the search ends where the newest messages end, and says so.
 */
export const searchRows = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds: SearchBounds,
): Promise<Found> => {
  const { limit = DEFAULT_LIMIT } = query;
  const newest = await searchQuery(source, query, bounds.newest).getMany();
  if (newest.length > limit) return { rows: newest };
  if (await isForIndex(source, query, bounds))
    return { rows: await searchQuery(source, query, 'indexed').getMany() };
  return { rows: newest, lookedTo: await lastOf(source, query, bounds.newest) };
};

/**
 * Returns whether the index of words narrows a search down enough, judged by the newest messages. It counts only as far
 * as needed: of words that are everywhere, little more than `common` messages are looked at.
 */
export const isForIndex = async (
  source: EntityManager,
  query: ListMessagesQuery,
  { newest, common }: SearchBounds,
  span?: Span,
): Promise<boolean> => {
  const { sql, byWords, parameters } = searchCondition('found', query.q ?? '');
  if (sql === byWords || byWords === 'false') return true;
  const keys = newestKeys(source, query, newest, span);
  const beyond = await source
    .createQueryBuilder()
    .select('1')
    .from(`(${keys.getQuery()})`, 'found')
    .where(byWords)
    .offset(common)
    .limit(1)
    .setParameters({ ...keys.getParameters(), ...parameters })
    .getRawOne<object>();
  return beyond === undefined;
};

/**
 * Returns the last of so many messages that a search looks through; undefined if there are not so many. It selects only
 * what the index of positions holds, so that PostgreSQL does not read the messages themselves.
 */
export const lastOf = (
  source: EntityManager,
  query: ListMessagesQuery,
  count: number,
  span?: Span,
): Promise<Place | undefined> =>
  newestKeys(source, query, 1, span)
    .select('message.position', 'position')
    .addSelect('message.seq', 'seq')
    .offset(count - 1)
    .getRawOne<Place>();

/** Which messages a search looks through: so many of the newest, or all of them by the index of words. */
export type Among = number | 'indexed';

/**
 * SQL for the messages that contain the words of a search, as `found`, newest first: what follows `FROM`, with its
 * named parameters.
 */
export type Matches = Readonly<{ sql: string; parameters: Record<string, unknown> }>;

export const matchesOf = (
  source: EntityManager,
  query: ListMessagesQuery,
  among: Among,
  count: number,
  span?: Span,
): Matches => {
  const newest = among !== 'indexed';
  const { sql, parameters } = searchCondition(newest ? 'found' : 'message', query.q ?? '');
  const keys = newest ? newestKeys(source, query, among, span) : allKeys(source, query, span).andWhere(sql);
  return {
    // Without the OFFSET, the planner would take the outer limit as a reason to walk the table.
    sql: `(${keys.getQuery()} ${newest ? '' : 'OFFSET 0'}) AS found
          ${newest ? `WHERE ${sql}` : ''}
          ORDER BY ${sqlOrder('found', query.channel)} LIMIT ${count}`,
    parameters: { ...keys.getParameters(), ...parameters },
  };
};

/** Builds the query of a page of messages that contain the words of a search, newest first. */
const searchQuery = (
  source: EntityManager,
  query: ListMessagesQuery,
  among: Among,
): SelectQueryBuilder<MessageRow> => {
  const { channel, limit = DEFAULT_LIMIT } = query;
  const { sql, parameters } = matchesOf(source, query, among, limit + 1);
  return shownMessages(source)
    .where(`(message.channel, message.seq) IN (SELECT found.channel, found.seq FROM ${sql})`)
    .setParameters(parameters)
    .orderBy(orderOf(channel));
};
