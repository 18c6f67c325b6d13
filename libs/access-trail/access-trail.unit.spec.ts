import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { AccessTrail, type Access } from './access-trail.js';

/** A store whose appends the test answers by hand. */
class SlowStore {
  readonly appends: { events: readonly NewEvent[]; answer(error?: Error): void }[] = [];

  append = (_stream: string, events: readonly NewEvent[]) =>
    new Promise<never>((resolve, reject) => {
      const answer = (error?: Error): void => (error ? reject(error) : resolve(undefined as never));
      this.appends.push({ events, answer });
    });

  async answer(index: number, error?: Error): Promise<readonly NewEvent[]> {
    const append = await waitFor('an append', () => this.appends[index]);
    append.answer(error);
    return append.events;
  }
}

const access = (query: string): Access => ({
  access: query,
  role: 'admin',
  keyId: 'abcd2345',
  path: '/v1/messages',
  query: { q: query },
  state: 'done',
  count: 1,
});

const setUp = (waitMs = 10_000) => {
  const store = new SlowStore();
  const lines: string[] = [];
  const logger = createLogger({
    level: 'warn',
    tty: false,
    stream: { write: (line: string) => lines.push(line) },
  });
  const trail = new AccessTrail(store, 'spec', logger, waitMs);
  return {
    store,
    trail,
    told: (id: string) => lines.filter((line) => line.includes(`"access":"${id}"`)).length,
  };
};

const idsOf = (events: readonly NewEvent[]) => events.map(({ data }) => (data as Access).access);

describe('the trail of reads', () => {
  it('releases an answer when its record is stored, and collects what arrives in the meantime', async () => {
    const { store, trail, told } = setUp();
    let answered = 0;
    const records = ['a', 'b', 'c'].map((id) => trail.record(access(id)).then(() => (answered += 1)));
    expect(idsOf(await store.answer(0))).toEqual(['a']);
    await records[0];
    expect(answered).toBe(1);
    expect(idsOf(await store.answer(1))).toEqual(['b', 'c']);
    await Promise.all(records);
    expect(told('a') + told('b') + told('c')).toBe(0);
  });

  it('releases answers while the store is down, once the process’s log has them, and stores them when it is back', async () => {
    const { store, trail, told } = setUp();
    const first = trail.record(access('a'));
    await store.answer(0, new StoreUnavailable('away'));
    await first;
    expect(told('a')).toBe(1);
    await trail.record(access('b'));
    expect(told('b')).toBe(1);
    const stored = [...(await store.answer(1))];
    expect(stored[0]!.eventId).toBe(store.appends[0]!.events[0]!.eventId);
    await waitFor('the store to be back', () => store.appends.length > 2 || stored.length === 2);
    const last = trail.record(access('c'));
    for (let index = 2; stored.length < 3; index += 1) stored.push(...(await store.answer(index)));
    await last;
    expect(idsOf(stored)).toEqual(['a', 'b', 'c']);
    expect(told('c')).toBe(0);
  });

  it('does not hold up an answer for long when the store does not answer', async () => {
    const { trail, told } = setUp(5);
    await trail.record(access('a'));
    expect(told('a')).toBe(1);
  });

  it('refuses reads when too many records wait', async () => {
    const { store, trail } = setUp();
    const first = trail.record(access('first'));
    await store.answer(0, new StoreUnavailable('away'));
    await first;
    for (let index = 1; index < 1_000; index += 1) await trail.record(access(`${index}`));
    await expect(trail.record(access('one too many'))).rejects.toMatchObject({ code: 'store_unavailable' });
    await trail.stopTrail();
  });

  it('writes no more at once than the store accepts', async () => {
    const { store, trail } = setUp();
    const long = 'x'.repeat(16_000);
    const records = Array.from({ length: 100 }, (_, index) => trail.record(access(`${index}${long}`)));
    for (let stored = 0, index = 0; stored < 100; index += 1) {
      const events = await store.answer(index);
      stored += events.length;
      expect(JSON.stringify(events).length).toBeLessThan(1_000_000);
    }
    await Promise.all(records);
  });

  it('leaves records that can’t be stored at the end in the process’s log', async () => {
    const { store, trail, told } = setUp();
    const record = trail.record(access('a'));
    await waitFor('the append', () => store.appends[0]);
    const stopped = trail.stopTrail();
    await store.answer(0, new StoreUnavailable('away'));
    await record;
    await stopped;
    expect(told('a')).toBe(1);
  });
});
