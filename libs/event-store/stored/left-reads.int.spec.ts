import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore } from '#test/support/event-store.js';
import type { TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { EventStore } from '../event-store.js';
import type { StreamReadOptions } from './stream-read-options.js';

/** More streams than an HTTP/2 server lets one connection reset at once. */
const READS = 1_500;
const AT_ONCE = 50;

describe('reads that are left early', () => {
  let server: TestEventStore;
  let store: EventStore;

  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
    await store.append('bot-a', [newEvent('first'), newEvent('second'), newEvent('third')], 'no_stream');
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const leave = async (options: StreamReadOptions): Promise<string> => {
    for await (const { data } of store.readStream('bot-a', options)) return (data as { body: string }).body;
    return 'nothing';
  };

  /** Opens a subscription and returns it, once connected, with the states of its connection. */
  const follow = async () => {
    const states: string[] = [];
    const subscription = store.subscribeToAll({
      from: 'end',
      onEvent: () => undefined,
      onConnectionChange: (state) => states.push(state),
    });
    await waitFor('a subscription', () => states.length > 0);
    return { states, subscription };
  };

  it.each([
    ['forwards, of a few', { direction: 'forwards', limit: 2 }, 'first'],
    ['backwards, of a few', { direction: 'backwards', limit: 2 }, 'third'],
    ['backwards, of as many as there are', { direction: 'backwards' }, 'third'],
  ] as const)('%s, do not disturb others, however many they are', async (_what, options, body) => {
    const { states, subscription } = await follow();
    for (let done = 0; done < READS; done += AT_ONCE) {
      const read = await Promise.all(Array.from({ length: AT_ONCE }, () => leave(options)));
      expect(new Set(read)).toEqual(new Set([body]));
    }
    expect(states).toEqual(['connected']);
    await subscription.close();
  });

  it('ask for only one event where one is wanted', async () => {
    const { states, subscription } = await follow();
    for (let done = 0; done < READS; done += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, () => store.ping()));
    expect(states).toEqual(['connected']);
    await subscription.close();
  });
});
