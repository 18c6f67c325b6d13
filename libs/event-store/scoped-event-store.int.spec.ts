import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore } from '../../test/support/event-store.js';
import { newEvent } from '../../test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { WrongExpectedRevision } from './event-store.errors.js';
import { EventStore } from './event-store.js';
import { ScopedEventStore } from './scoped-event-store.js';
import type { LogRead } from './stored/read-request.js';
import type { TestEventStore } from '../../test/support/event-store.js';
import type { SubscribeToAll } from './subscription/log-subscription.js';

const STREAMS = ['messages-a', 'bot-a', 'messages-b'];

/** What one view of the log receives: streams and bodies, in order. */
type Seen = readonly string[];
const said = ({ stream, data }: { stream: string; data: unknown }): string =>
  `${stream} ${(data as { body: string }).body}`;

const readAll = async (store: EventStore, o: Parameters<EventStore['readAll']>[0]): Promise<Seen> => {
  const found = [];
  for await (const event of store.readAll(o)) found.push(said(event));
  return found;
};

const readStored = async (store: EventStore, filter?: LogRead['filter']): Promise<string[]> => {
  const found = [];
  for await (const batch of store.readStored({
    direction: 'forwards',
    from: 'start',
    follow: false,
    filter,
  }))
    found.push(...batch.map((event) => said({ stream: event.stream, data: JSON.parse(String(event.data)) })));
  return found;
};

describe('a separate log within a log that others also write to', () => {
  let server: TestEventStore;
  let whole: EventStore;
  let one: EventStore;
  let other: EventStore;
  const views = (): EventStore[] => [whole, one, other];

  beforeAll(async () => {
    server = await startEventStore();
    const { connectionString } = server;
    whole = new EventStore({ connectionString });
    one = new ScopedEventStore({ connectionString, scope: 'one' });
    // One name is a prefix of the other.
    other = new ScopedEventStore({ connectionString, scope: 'onemore' });
    for (const stream of STREAMS) {
      await whole.append(stream, [newEvent('whole')], 'no_stream');
      await one.append(stream, [newEvent('one')], 'no_stream');
      await other.append(stream, [newEvent('other')], 'no_stream');
    }
  });
  afterAll(async () => {
    await Promise.all(views().map((store) => store.close()));
    await server.stop();
  });

  const ofAll = (body: string, streams = STREAMS): Seen => streams.map((stream) => `${stream} ${body}`);

  it('has the streams, revisions and conflicts it would have by itself', async () => {
    for (const store of [one, other]) {
      const result = store.append('messages-a', [newEvent('late')], 'no_stream');
      await expect(result).rejects.toBeInstanceOf(WrongExpectedRevision);
    }
    const found = [];
    for await (const event of one.readStream('messages-a')) found.push(`${said(event)} ${event.revision}`);
    expect(found).toEqual(['messages-a one 0']);
  });

  it('is all that a read of the log returns, in either direction, up to a limit', async () => {
    expect(await readAll(one, {})).toEqual(ofAll('one'));
    expect(await readAll(other, {})).toEqual(ofAll('other'));
    expect(await readAll(other, { direction: 'backwards', limit: 2 })).toEqual(
      ofAll('other').toReversed().slice(0, 2),
    );
  });

  it('is all that a read of stored events returns, by stream, by type and whole', async () => {
    expect(await readStored(one)).toEqual(ofAll('one'));
    expect(await readStored(one, { streams: ['messages-'] })).toEqual(
      ofAll('one', ['messages-a', 'messages-b']),
    );
    expect(await readStored(other, { types: [newEvent('').type] })).toEqual(ofAll('other'));
    expect(await readStored(whole, { streams: ['messages-', 'bot-'] })).toEqual(ofAll('whole'));
  });

  it.each<[string, Partial<SubscribeToAll>, readonly string[]]>([
    ['by stream', { streamPrefixes: ['messages-'] }, ['messages-a', 'messages-b']],
    ['by type', { eventTypes: [newEvent('').type] }, STREAMS],
    ['to everything', {}, STREAMS],
  ])('is all that a subscription %s delivers', async (_, wanted, streams) => {
    const found: string[] = [];
    let isLevel = false;
    const subscription = one.subscribeToAll({
      from: 'start',
      ...wanted,
      onEvent: (event) => void found.push(said(event)),
      onCaughtUp: () => (isLevel = true),
    });
    await waitFor('the end of the log', () => isLevel);
    await subscription.close();
    expect(found).toEqual(ofAll('one', [...streams]));
  });

  it('applies its own retention, and nothing of the others is lost', async () => {
    for (const store of views()) await store.append('presence-a', ['1', '2', '3'].map(newEvent), 'any');
    await one.setStreamMetadata('presence-a', { maxCount: 1 });
    const lengths = [];
    for (const store of views()) {
      let length = 0;
      for await (const _ of store.readStream('presence-a')) length += 1;
      lengths.push(length);
    }
    expect(lengths).toEqual([3, 1, 3]);
  });
});
