import { describe, expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { EventInbox } from './event-inbox.js';

const event = (commit: number): PositionedEvent => ({ position: at(commit) }) as PositionedEvent;
const inbox = (limits = {}) => new EventInbox({ batchEvents: 3, lingerMs: 5, capacity: 4, ...limits });

describe('the inbox of a runner', () => {
  it('hands out full batches in order, and the rest after a short wait', async () => {
    const box = inbox();
    for (const n of [1, 2, 3, 4]) void box.put(event(n));
    expect((await box.takeBatch(1_000)).events.map(({ position }) => position.commit)).toEqual([1n, 2n, 3n]);
    expect((await box.takeBatch(1_000)).events).toHaveLength(1);
  });

  it('gathers what comes shortly after the first event', async () => {
    const box = inbox({ lingerMs: 200 });
    const taken = box.takeBatch(1_000);
    for (const n of [1, 2, 3]) void box.put(event(n));
    expect((await taken).events).toHaveLength(3);
  });

  it('gathers for longer when much comes, until the batch is full', async () => {
    const box = inbox({ lingerMs: 1, busy: { fromEvents: 2, lingerMs: 60_000 } });
    for (const n of [1, 2]) void box.put(event(n));
    const taken = box.takeBatch(1_000);
    setTimeout(() => void box.put(event(3)), 10);
    expect((await taken).events).toHaveLength(3);
    void box.put(event(4));
    expect((await box.takeBatch(1_000)).events).toHaveLength(1);
  });

  it('returns an empty batch when the wait is over', async () => {
    expect(await inbox().takeBatch(1)).toEqual({ events: [], upTo: undefined });
  });

  it('makes the giver wait while it is full, until there is room again', async () => {
    const box = inbox();
    expect([1, 2, 3].map((n) => box.put(event(n)))).toEqual([undefined, undefined, undefined]);
    const waiting = box.put(event(4));
    expect(waiting).toBeInstanceOf(Promise);
    await box.takeBatch(1_000);
    await expect(waiting).resolves.toBeUndefined();
  });

  it('reports the searched position only when nothing is left to apply', async () => {
    const box = inbox();
    for (const n of [1, 2, 3, 4]) void box.put(event(n));
    box.progress(at(9));
    expect((await box.takeBatch(1_000)).upTo).toEqual(at(3));
    expect((await box.takeBatch(1_000)).upTo).toEqual(at(9));
    void box.put(event(12));
    expect((await box.takeBatch(1_000)).upTo).toEqual(at(12));
  });

  it('hands out what came before a failure, then throws it', async () => {
    const box = inbox();
    void box.put(event(1));
    box.fail(new Error('the store refuses'));
    expect((await box.takeBatch(1_000)).events).toHaveLength(1);
    await expect(box.takeBatch(1_000)).rejects.toThrow('the store refuses');
  });

  it('lets everyone go when closed', async () => {
    const full = inbox({ capacity: 1 });
    const giver = full.put(event(1));
    full.close();
    await expect(giver).resolves.toBeUndefined();
    const empty = inbox();
    const taker = empty.takeBatch(60_000);
    empty.close();
    await expect(taker).resolves.toMatchObject({ events: [] });
  });
});
