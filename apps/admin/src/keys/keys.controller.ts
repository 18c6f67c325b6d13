import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { keysStream } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { JsonAnswer } from '#libs/platform/openapi/content.js';
import { ProblemAnswers } from '#libs/platform/openapi/problems.js';
import { RequestError } from '#libs/protocol/errors.js';
import { instant, list, object, oneWordOf, text } from '#libs/protocol/schemas/schema.js';
import { listKeys } from './list-keys.js';
import type { KeyItem } from './list-keys.js';

/**
 * The maximum number of keys in one answer. The keys beyond it are the oldest of those that are no longer
 * valid.
 */
const MAX_KEYS = 1_000;

const keyItemSchema = object(
  {
    keyId: text(),
    role: oneWordOf('admin', 'auditor'),
    status: oneWordOf('valid', 'expired', 'revoked'),
    issuedAt: instant,
  },
  { issuedBy: text(), expiresAt: instant, revokedAt: instant, revokedBy: text() },
);

const EXAMPLE = {
  items: [{ keyId: 'abcd2345', role: 'auditor', status: 'valid', issuedAt: '2026-11-23T18:30:00.000Z' }],
};

/**
 * Lists the keys of people, for admins. It reads them from the log, so a key that was revoked a moment ago is
 * shown as revoked.
 */
@ApiTags('keys')
@Controller('keys')
export class KeyQueriesController {
  constructor(private readonly store: EventStore) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'List the keys of admins and auditors',
    description: `Valid keys come first, then the others, each with the newest first; at most ${MAX_KEYS}.`,
  })
  @JsonAnswer(200, 'All keys.', object({ items: list(keyItemSchema, MAX_KEYS) }), EXAMPLE)
  @ProblemAnswers([
    ['invalid_payload', 'Unknown field "colour"'],
    ['unauthenticated', 'A valid key is needed'],
    ['forbidden', 'This is not for auditor keys'],
    ['store_unavailable', 'The event store is not reachable, try again'],
  ])
  async list(@Query() raw: Record<string, unknown>): Promise<Readonly<{ items: readonly KeyItem[] }>> {
    const [parameter] = Object.keys(raw);
    if (parameter !== undefined)
      throw new RequestError('invalid_payload', `Unknown field "${parameter.slice(0, 64)}"`);
    const events: RecordedEvent[] = [];
    for (const role of ['admin', 'auditor'] as const)
      for await (const event of this.store.readStream(keysStream(role)))
        if (event.unreadable === undefined) events.push(event);
    return { items: listKeys(events, Date.now()).slice(0, MAX_KEYS) };
  }
}
