import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { RequestError } from '#libs/protocol/errors.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';

/** More than one page of the store. */
const COUNT = 600;
const KEY = 'auditor-key';

let server: TestEventStore;
let audit: TestAudit;
/** How many reads of the log are begun and not ended. */
let open: number;
let begun: number;

beforeAll(async () => {
  server = await startEventStore();
  audit = await startTestAudit(server.connectionString);
  const events = Array.from({ length: COUNT }, () => newEvent('x'.repeat(200)));
  await audit.store.append('messages-a', events, 'any');
  [open, begun] = [0, 0];
  const readStored = audit.store.readStored.bind(audit.store);
  vi.spyOn(audit.store, 'readStored').mockImplementation(async function* (...request) {
    open += 1;
    begun += 1;
    try {
      yield* readStored(...request);
    } finally {
      open -= 1;
    }
  });
});
afterEach(() => expect([open, begun > 0]).toEqual([0, true]));
afterAll(async () => {
  vi.restoreAllMocks();
  await audit?.stop();
  await server?.stop();
});

const refuseRecords = (): void => {
  const refusal = new RequestError('store_unavailable', 'The read can’t be recorded; try again');
  vi.spyOn(AccessTrail.prototype, 'record').mockRejectedValue(refusal);
};

describe('a replay that can’t be recorded is refused, and leaves no read of the log open', () => {
  it.each(['', '?follow=true'])('over HTTP%s', async (query) => {
    refuseRecords();
    const headers = { authorization: `Bearer ${KEY}` };
    const { status } = await fetch(`${audit.url}/v1/audit/events${query}`, { headers });
    expect(status).toBe(503);
  });

  it('over Socket.IO', async () => {
    refuseRecords();
    const socket = io(`${audit.url}/audit`, {
      auth: { key: KEY },
      transports: ['websocket'],
      reconnection: false,
    });
    const answer = (await socket.timeout(5_000).emitWithAck('replay', { follow: true })) as object;
    expect(answer).toMatchObject({ ok: false, error: { code: 'store_unavailable' } });
    socket.close();
  });
});
