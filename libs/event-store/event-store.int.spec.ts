import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../../test/support/collect.js';
import { startEventStore } from '../../test/support/event-store.js';
import { newEvent } from '../../test/support/new-event.js';
import { AppendTooLarge, StoreUnavailable, WrongExpectedRevision } from './event-store.errors.js';
import { EventStore } from './event-store.js';
import { comparePositions } from './position.js';
import type { TestEventStore } from '../../test/support/event-store.js';

const stream = (): string => `bot-${randomUUID().slice(0, 8)}`;

describe('the event store', () => {
  let server: TestEventStore;
  let store: EventStore;
  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });
  it('appends atomically and says where the last event lies', async () => {
    const name = stream();
    const first = await store.append(name, [newEvent('a'), newEvent('b')], 'no_stream');
    const second = await store.append(name, [newEvent('c')], 1);
    expect([first.revision, second.revision]).toEqual([1, 2]);
    expect(comparePositions(second.position, first.position)).toBeGreaterThan(0);
    const events = await collect(store.readStream(name));
    expect(events.map(({ revision, data }) => [revision, data])).toEqual([
      [0, { body: 'a' }],
      [1, { body: 'b' }],
      [2, { body: 'c' }],
    ]);
    expect(events[0]!.metadata).toMatchObject({ schema: 1, node: 'test' });
    const last = await collect(store.readAll({ direction: 'backwards', limit: 1 }));
    expect(last[0]?.position).toEqual(second.position);
  });

  it('refuses an append at another revision than expected and names the actual one', async () => {
    const name = stream();
    await store.append(name, [newEvent('a')], 'any');
    await expect(store.append(name, [newEvent('b')], 'no_stream')).rejects.toMatchObject({ actual: 0 });
    await expect(store.append(name, [newEvent('b')], 5)).rejects.toThrow(WrongExpectedRevision);
    await expect(store.append(stream(), [newEvent('b')], 0)).rejects.toMatchObject({ actual: 'no_stream' });
    expect(await collect(store.readStream(name))).toHaveLength(1);
  });

  it('refuses more than the store accepts in one append, and accepts the next one', async () => {
    const name = stream();
    const large = Array.from({ length: 11 }, () => newEvent('x'.repeat(100_000)));
    await expect(store.append(name, large, 'any')).rejects.toThrow(AppendTooLarge);
    await store.append(name, large.slice(1), 'any');
    expect(await collect(store.readStream(name))).toHaveLength(10);
  });

  it('reads a missing stream as an empty one', async () => {
    expect(await collect(store.readStream(stream()))).toEqual([]);
    expect(await collect(store.readStream(stream(), { direction: 'backwards', limit: 1 }))).toEqual([]);
  });

  it('reads in both directions, from a revision, and with a limit', async () => {
    const name = stream();
    await store.append(name, ['0', '1', '2', '3'].map(newEvent), 'any');
    const revisions = async (options: Parameters<EventStore['readStream']>[1]) =>
      (await collect(store.readStream(name, options))).map(({ revision }) => revision);
    expect(await revisions({ from: 1, limit: 2 })).toEqual([1, 2]);
    expect(await revisions({ direction: 'backwards' })).toEqual([3, 2, 1, 0]);
    expect(await revisions({ direction: 'backwards', from: 2, limit: 2 })).toEqual([2, 1]);
    expect(await revisions({ from: 9 })).toEqual([]);
    expect(await revisions({ limit: 0 })).toEqual([]);
  });

  it('reads the whole log in order, without the events of the store itself', async () => {
    const name = stream();
    await store.setStreamMetadata(name, { maxCount: 2 });
    const { position } = await store.append(name, [newEvent('kept')], 'any');
    await store.setStreamMetadata(stream(), { maxAge: 60 });
    const [last] = await collect(store.readAll({ direction: 'backwards', limit: 1 }));
    expect(last).toMatchObject({ stream: name, position });
    const onwards = await collect(store.readAll({ from: position, includeSystem: true }));
    expect(onwards.map(({ type }) => type)).toEqual(['Noted', '$metadata']);
  });

  it('keeps only as many events as the stream metadata says', async () => {
    const name = stream();
    await store.setStreamMetadata(name, { maxCount: 2 });
    await store.append(name, ['0', '1', '2'].map(newEvent), 'any');
    expect((await collect(store.readStream(name))).map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it('returns any text unchanged', async () => {
    const name = stream();
    const texts = [
      '\u0000\u001f',
      'ä😀\u{10ffff}',
      '\ud800 alone',
      '</script>',
      "'; DROP TABLE x;--",
      '\u202e',
    ];
    await store.append(name, texts.map(newEvent), 'any');
    const events = await collect(store.readStream(name));
    expect(events.map(({ data }) => (data as { body: string }).body)).toEqual(texts);
  });

  it('closes at once although reads of long and short streams were left early', async () => {
    const name = stream();
    const own = new EventStore({ connectionString: server.connectionString });
    await own.append(name, ['0', '1', '2'].map(newEvent), 'any');
    for await (const event of own.readStream(name)) if (event.revision === 0) break;
    for await (const _ of own.readAll()) break;
    const started = Date.now();
    await own.close();
    expect(Date.now() - started).toBeLessThan(500);
  });

  it('answers a ping, and reports in time when nobody answers', async () => {
    await store.ping();
    const nobody = new EventStore({ connectionString: 'esdb://127.0.0.1:1?tls=false' });
    await expect(nobody.ping(2_000)).rejects.toThrow(StoreUnavailable);
    await nobody.close();
    expect(() => new EventStore({ connectionString: 'http://x' })).toThrow();
  });
});
