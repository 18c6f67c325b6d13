import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Content } from '#libs/projections/messages/message-changes.js';
import { MessageRow } from '#libs/projections/entities/message.entity.js';
import { isPosition } from '#libs/protocol/validation/query-rules.js';

/** Leaves out messages after a position or a time; both are inclusive. */
export const upTo = (query: SelectQueryBuilder<MessageRow>, asOf: string): SelectQueryBuilder<MessageRow> =>
  isPosition(asOf)
    ? query.andWhere('message.position <= :asOf', { asOf })
    : query.andWhere('message.at <= :asOf', { asOf: new Date(asOf) });

/**
 * Returns the rows with their text as it was at that position or time: the last edit up to it, or the
 * original text. Messages that were redacted since stay redacted, because their text is not kept here.
 */
export const asTheyStood = async (
  source: EntityManager,
  rows: readonly MessageRow[],
  asOf: string,
): Promise<MessageRow[]> => {
  const changed = rows.filter(({ editedAt, redactedAt }) => editedAt !== null && redactedAt === null);
  if (changed.length === 0) return [...rows];
  const edits = await editsOf(source, changed, asOf);
  return rows.map((row) => {
    if (!changed.includes(row)) return row;
    const edit = edits.get(nameOf(row.channel, row.bot, row.id));
    if (edit)
      return Object.assign(new MessageRow(), row, {
        body: edit.body,
        data: edit.data,
        editedAt: edit.at,
        exact: bodyFrom(row, edit),
      });
    const { body, data } = JSON.parse(row.original!) as Content;
    const exact = JSON.stringify({ ...(JSON.parse(row.exact ?? '{}') as object), body });
    return Object.assign(new MessageRow(), row, {
      body,
      data: data === undefined ? null : JSON.stringify(data),
      editedAt: null,
      exact,
    });
  });
};

const nameOf = (channel: string, bot: string, id: string): string => `${channel}/${bot}/${id.toLowerCase()}`;

/**
 * Returns the exact texts of a row: the body's is that of the edit, those of the other fields are the
 * message's own.
 */
const bodyFrom = (row: MessageRow, edit: MessageRow): string => {
  const exact = JSON.parse(edit.exact ?? '{}') as { body?: string };
  return JSON.stringify({ ...(JSON.parse(row.exact ?? '{}') as object), body: exact.body ?? edit.body });
};

/** Returns the last edit of each message up to a position or time. */
const editsOf = async (
  source: EntityManager,
  messages: readonly MessageRow[],
  asOf: string,
): Promise<Map<string, MessageRow>> => {
  const query = source
    .getRepository(MessageRow)
    .createQueryBuilder('message')
    .where(`message.kind = 'edited' AND message.target IS NOT NULL`)
    .andWhere(
      '(message.channel, lower(message.target)) IN (SELECT * FROM unnest(:channels::text[], :ids::text[]))',
      {
        channels: messages.map(({ channel }) => channel),
        ids: messages.map(({ id }) => id.toLowerCase()),
      },
    );
  const edits = await upTo(query, asOf).orderBy('message.seq', 'ASC').getMany();
  return new Map(edits.map((edit) => [nameOf(edit.channel, edit.bot, edit.target!), edit]));
};
