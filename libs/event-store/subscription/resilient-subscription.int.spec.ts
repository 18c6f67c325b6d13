import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEventStore } from '../../../test/support/event-store.js';
import { newEvent } from '../../../test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { EventStore } from '../event-store.js';
import { comparePositions } from '../position.js';
import type { TestEventStore } from '../../../test/support/event-store.js';
import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { SubscribeToAll } from './log-subscription.js';

const family = (): string => `x${randomUUID().slice(0, 8)}-`;
const bodies = (events: readonly PositionedEvent[]): string[] =>
  events.map(({ data }) => (data as { body: string }).body);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

describe('a subscription to the whole log', () => {
  let server: TestEventStore;
  let store: EventStore;
  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString, random: () => 0 });
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const follow = (prefix: string, options: Partial<SubscribeToAll> = {}) => {
    const seen: PositionedEvent[] = [];
    const states: string[] = [];
    const subscription = store.subscribeToAll({
      from: 'start',
      streamPrefixes: [prefix],
      onEvent: (event) => void seen.push(event),
      onConnectionChange: (state) => void states.push(state),
      ...options,
    });
    return { seen, states, subscription };
  };
  /** Tries until the store accepts the append. */
  const append = async (stream: string, count: number, from = 0): Promise<LogPosition> => {
    const events = numbers(count).map((i) => newEvent(String(from + Number(i))));
    return waitFor('the store to take events', async () => {
      try {
        return (await store.append(stream, events, from === 0 ? 'no_stream' : from - 1)).position;
      } catch (error) {
        if (error instanceof StoreUnavailable) return undefined;
        throw error;
      }
    });
  };

  it('delivers past and new events, only of its prefixes, and says when it has caught up', async () => {
    const prefix = family();
    await append(`${prefix}a`, 3);
    await append(family(), 3);
    let caughtUpAfter = -1;
    const { seen, subscription } = follow(prefix, { onCaughtUp: () => (caughtUpAfter = seen.length) });
    await waitFor('the subscription to catch up', () => caughtUpAfter >= 0);
    expect(caughtUpAfter).toBe(3);
    await append(`${prefix}b`, 2);
    await waitFor('live events', () => seen.length === 5);
    expect(seen.map(({ stream }) => stream.slice(prefix.length))).toEqual(['a', 'a', 'a', 'b', 'b']);
    await subscription.close();
  });

  it('starts after the position it is given, or at the end', async () => {
    const prefix = family();
    await append(`${prefix}a`, 2);
    const position = await append(`${prefix}a`, 1, 2);
    await append(`${prefix}a`, 1, 3);
    let ready = false;
    const after = follow(prefix, { from: position });
    const end = follow(prefix, { from: 'end', onConnectionChange: () => (ready = true) });
    await waitFor('the connection', () => ready);
    await append(`${prefix}a`, 1, 4);
    await waitFor('both to see the last', () => after.seen.length === 2 && end.seen.length === 1);
    expect(bodies(after.seen)).toEqual(['3', '4']);
    expect(bodies(end.seen)).toEqual(['4']);
    await Promise.all([after.subscription.close(), end.subscription.close()]);
  });

  it('does not deliver the next event before the handler is done', async () => {
    const prefix = family();
    await append(`${prefix}a`, 20);
    let atOnce = 0;
    let most = 0;
    const seen: string[] = [];
    const { subscription } = follow(prefix, {
      onEvent: async ({ data }) => {
        most = Math.max(most, ++atOnce);
        await turn();
        seen.push((data as { body: string }).body);
        atOnce -= 1;
      },
    });
    await waitFor('all events', () => seen.length === 20);
    expect(most).toBe(1);
    expect(seen).toEqual(numbers(20));
    await subscription.close();
  });

  it('moves its position past events that it filters out, but never past one still to be handled', async () => {
    const prefix = family();
    const handled: LogPosition[] = [];
    const progress: { position: LogPosition; handled: number }[] = [];
    const { subscription } = follow(prefix, {
      onEvent: async ({ position }) => {
        await turn();
        handled.push(position);
      },
      onProgress: (position) => void progress.push({ position, handled: handled.length }),
    });
    for (let i = 0; i < 5; i += 1) {
      await append(family(), 300);
      await append(`${prefix}${i}`, 100);
    }
    const last = await append(family(), 600);
    const lastHandled = () => handled.length === 500 && handled.at(-1)!;
    await waitFor('a checkpoint beyond the last event', () => {
      const event = lastHandled();
      const reached = progress.at(-1)?.position;
      return event && reached && comparePositions(reached, event) > 0 && comparePositions(reached, last) <= 0;
    });
    expect(progress.length).toBeGreaterThan(500);
    for (const { position, handled: before } of progress) {
      expect(handled.filter((event) => comparePositions(event, position) <= 0)).toHaveLength(before);
    }
    await subscription.close();
  });

  it('resumes after the last handled event when the store is killed and comes back: none twice, none skipped', async () => {
    const prefix = family();
    const { seen, states, subscription } = follow(prefix);
    let written = 0;
    for (let round = 0; round < 3; round += 1) {
      await append(`${prefix}a`, 200, written);
      written += 200;
      const wanted = written - 150;
      await waitFor('some of them', () => seen.length >= wanted);
      await server.kill();
      await server.restart();
    }
    await append(`${prefix}a`, 10, written);
    await waitFor('all events', () => seen.length >= written + 10, 20_000);
    expect(bodies(seen)).toEqual(numbers(written + 10));
    await waitFor('the connection', () => states.at(-1) === 'connected');
    expect(states).toEqual([
      'connected',
      ...Array.from({ length: 3 }, () => ['reconnecting', 'connected']).flat(),
    ]);
    await subscription.close();
  });

  it('waits for a store that is away from the start', async () => {
    const prefix = family();
    await append(`${prefix}a`, 1);
    await server.kill();
    const { seen, states, subscription } = follow(prefix);
    await waitFor('the first failure', () => states.length > 0);
    await server.restart();
    await waitFor('the event', () => seen.length === 1);
    expect(states).toEqual(['reconnecting', 'connected']);
    await subscription.close();
  });

  it('stops at an event whose handler fails, and says so', async () => {
    const prefix = family();
    await append(`${prefix}a`, 5);
    const seen: string[] = [];
    const failures: Error[] = [];
    const { subscription } = follow(prefix, {
      onEvent: ({ revision, data }) => {
        if (revision === 2) throw new Error('cannot be handled');
        seen.push((data as { body: string }).body);
      },
      onFailure: (error) => void failures.push(error),
    });
    await waitFor('the failure', () => failures.length > 0);
    await append(`${prefix}a`, 1, 5);
    expect(seen).toEqual(['0', '1']);
    expect(failures.map(({ message }) => message)).toEqual(['cannot be handled']);
    await subscription.close();
  });

  it('delivers nothing after it was closed', async () => {
    const prefix = family();
    await append(`${prefix}a`, 300);
    let closing: Promise<void> | undefined;
    const { seen, subscription } = follow(prefix, {
      onEvent: async (event) => {
        seen.push(event);
        if (seen.length === 3) closing = subscription.close();
        await turn();
      },
    });
    await waitFor('the third event', () => closing !== undefined);
    await closing;
    await append(`${prefix}a`, 1, 300);
    expect(seen).toHaveLength(3);
  });
});
