import { expect, it } from 'vitest';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { copiedRow, toMessageOf, toRecord } from './message-row.js';
import { MESSAGE_COLUMNS } from './messages.table.js';

const event = (type: string, said: object): PositionedEvent => {
  const data = { id: 'i', channel: 'ops', bot: 'ada', ...said };
  return { ...recordedEvent('messages-ops', 0, type, data), position: { commit: 7n, prepare: 7n } };
};

it.each([
  event('MessagePosted', { body: 'hello', data: { a: 1 }, replyTo: 'r', correlationId: 'c' }),
  event('MessageEdited', { body: 'hello again', target: 't' }),
  event('MessageRedacted', { target: 't', reason: 'spam' }),
])('writes the values of $type in the order of the columns', (given) => {
  const record = toRecord(toMessageOf(given), given);
  expect(Object.keys(record)).toEqual(Object.keys(MESSAGE_COLUMNS));
  expect(copiedRow(record)).toEqual(Object.values(record));
  expect(copiedRow(record).slice(0, 2)).toEqual(['ops', 0]);
});
