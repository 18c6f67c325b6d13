import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEventStore } from '../../../test/support/event-store.js';
import { newEvent } from '../../../test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { EventStore } from '../event-store.js';
import type { TestEventStore } from '../../../test/support/event-store.js';

describe('appending while the store comes and goes', () => {
  let server: TestEventStore;
  let store: EventStore;
  beforeEach(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString, deadlineMs: 1_000 });
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
  });
  const taken = (): Promise<unknown> =>
    waitFor('the store to take an event', () =>
      store.append(randomUUID(), [newEvent()], 'no_stream').catch(() => undefined),
    );

  it('answers every append when the store dies during them, and continues by itself when it is back', async () => {
    // So long that only the end of the connection can answer them in time.
    const patient = new EventStore({ connectionString: server.connectionString, deadlineMs: 60_000 });
    for (let round = 0; round < 3; round += 1) {
      await taken();
      const streams = Array.from({ length: 100 }, () => randomUUID());
      const appends = streams.map((stream) =>
        patient.append(stream, [newEvent('x'.repeat(50_000))], 'no_stream'),
      );
      const settled = Promise.allSettled(appends);
      await Promise.race(appends);
      await server.kill();
      const results = await settled;
      await server.restart();
      await taken();
      for (const [index, result] of results.entries()) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailable);
        const events = [];
        for await (const event of store.readStream(streams[index]!)) events.push(event);
        if (result.status === 'fulfilled') expect(events).toHaveLength(1);
      }
    }
    await patient.close();
  });

  it('gives up an append that a hanging store does not answer, and uses it again when it answers', async () => {
    await taken();
    server.pause();
    const started = Date.now();
    await expect(store.append('s', [newEvent()], 'any')).rejects.toThrow(StoreUnavailable);
    expect(Date.now() - started).toBeLessThan(2_000);
    await expect(store.ping(500)).rejects.toThrow(StoreUnavailable);
    server.resume();
    await taken();
  });

  it('does not let one client of a process disturb the appends of another', async () => {
    const other = await startEventStore();
    const unaffected = new EventStore({ connectionString: other.connectionString });
    await Promise.all([taken(), unaffected.append('s', [newEvent()], 'any')]);
    const doomed = store.append('s', [newEvent()], 'any').catch((error: unknown) => error);
    const fine = Array.from({ length: 20 }, () => unaffected.append('s', [newEvent()], 'any'));
    await server.kill();
    await expect(Promise.all(fine)).resolves.toHaveLength(20);
    await doomed;
    await unaffected.close();
    await other.stop();
  });

  it('accepts nothing after it was closed', async () => {
    await store.close();
    await expect(store.append('s', [newEvent()], 'any')).rejects.toThrow(StoreUnavailable);
  });
});
