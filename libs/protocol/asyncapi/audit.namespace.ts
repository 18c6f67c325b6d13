import { errorSchema } from '../schemas/error.schema.js';
import {
  count,
  described,
  list,
  name,
  object,
  oneWordOf,
  position,
  text,
  booleanValue,
} from '../schemas/schema.js';
import type { Namespace } from './namespace.js';

const replay = described('Id of a replay.', text());
const place = described('A position or a time.', text());

/** The namespace that replays the log, as it is stored, for auditors. */
export const AUDIT: Namespace = {
  name: 'audit',
  title: 'Auditors',
  description:
    'Replays of the log, for auditors and admins. `GET /v1/audit/events` gives the same over HTTP.',
  auth: object({ key: text() }),
  told: [
    {
      event: 'events',
      summary: 'Lines of a replay. At most two batches are unacknowledged at a time.',
      payload: object({ replay, lines: list(text()), position }),
      acknowledged: true,
    },
    { event: 'end', summary: 'The replay is complete.', payload: object({ replay, count }) },
    {
      event: 'failed',
      summary: 'The replay failed before it was complete.',
      payload: object({ replay, count, error: errorSchema }),
    },
    {
      event: 'notice',
      summary: 'Why the connection is closed.',
      payload: object({
        code: oneWordOf('access_withdrawn', 'rate_limited', 'protocol_error'),
        message: text(),
      }),
    },
  ],
  asked: [
    {
      event: 'replay',
      summary: 'Begins a replay.',
      payload: object(
        {},
        {
          from: place,
          to: place,
          after: position,
          stream: text(256),
          type: text(256),
          bot: name,
          channel: name,
          direction: oneWordOf('forwards', 'backwards'),
          format: oneWordOf('ndjson', 'csv', 'spreadsheet', 'cloudevents'),
          limit: { type: 'integer', minimum: 1 },
          follow: booleanValue,
        },
      ),
      answer: { always: { replay } },
    },
    { event: 'stop', summary: 'Ends a replay.', payload: object({ replay }) },
  ],
};
