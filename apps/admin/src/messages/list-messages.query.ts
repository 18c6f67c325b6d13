import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { MessageRow } from '#libs/projections/entities/message.entity.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';
import { asTheyStood } from './as-of.js';
import { cursorOf, filtered, orderOf } from './message-filter.js';
import type { ListMessagesQuery } from './list-messages.request.js';
import { rankedPage } from './ranked-search.js';
import { SEARCH_BOUNDS, searchRows } from './search.query.js';
import type { Found, SearchBounds } from './search.query.js';
import { shownMessages, toShown } from './shown-messages.js';
import type { MessageItem } from './shown-messages.js';

/**
 * Returns a page of messages: newest first, see {@link messagesQuery}, or by relevance, see {@link rankedPage}. A page
 * of a search may have fewer messages than its limit, or none, and still a cursor: it tells how far the search has
 * looked.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listMessages = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds = SEARCH_BOUNDS,
): Promise<Page<MessageItem>> => {
  const { items, next } =
    query.sort === 'relevance'
      ? await rankedPage(source, query, bounds)
      : await pageByTime(source, query, bounds);
  const rows = query.asOf === undefined ? items : await asTheyStood(source, items, query.asOf);
  const shown = rows.map((row) => toShown(row, query.q));
  return next === undefined ? { items: shown } : { items: shown, next };
};

const pageByTime = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds: SearchBounds,
): Promise<Page<MessageRow>> => {
  const { limit = DEFAULT_LIMIT, q } = query;
  const { rows, lookedTo }: Found =
    q === undefined
      ? { rows: await messagesQuery(source, query).getMany() }
      : await searchRows(source, query, bounds);
  const page = pageOf(rows, limit, (row) => row, cursorOf);
  return page.next === undefined && lookedTo ? { ...page, next: cursorOf(lookedTo) } : page;
};

/**
 * Builds the query of a page, newest first, by position in the log. A page starts below the last item of the
 * previous one, so that messages which arrive meanwhile neither shift nor repeat any. `seq` orders events of
 * one append if they share a position.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
const messagesQuery = (source: EntityManager, query: ListMessagesQuery): SelectQueryBuilder<MessageRow> => {
  const { channel, limit = DEFAULT_LIMIT } = query;
  return filtered(shownMessages(source), query)
    .orderBy(orderOf(channel))
    .limit(limit + 1);
};
