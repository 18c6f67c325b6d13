import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreRefusesWrites, StoreUnavailable, WrongExpectedRevision } from '../event-store.errors.js';
import { FaultyStream } from '../../../test/support/faulty-stream.js';
import { StreamWriter } from './stream-writer.js';
import { WritingBudget } from './writing-budget.js';
import type { Fault } from '../../../test/support/faulty-stream.js';

const setUp = (faults: Fault[] = [], budget = new WritingBudget()) => {
  const stream = new FaultyStream(faults);
  const writer = new StreamWriter(stream, 'messages-x', stream.rules(), budget, { random: () => 0 });
  return { stream, writer, budget };
};

/** Lets the writer work through its pauses until all these promises are settled. */
const settle = async <T>(promises: Promise<T>[]): Promise<PromiseSettledResult<T>[]> => {
  const open = new Set(promises);
  for (const promise of promises) {
    const close = (): void => void open.delete(promise);
    promise.then(close, close);
  }
  while (open.size > 0) await vi.advanceTimersToNextTimerAsync();
  return Promise.allSettled(promises);
};

const values = async <T>(promises: Promise<T>[]): Promise<T[]> =>
  (await settle(promises)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });

describe('a stream writer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes what arrives in one turn in one append, in order', async () => {
    const { stream, writer } = setUp();
    const answers = await values(['a', 'b', 'c'].map((id) => writer.submit({ id })));
    expect(stream.ids).toEqual(['a', 'b', 'c']);
    expect(stream.appends).toBe(1);
    expect(answers).toEqual([{ seq: 0 }, { seq: 1 }, { seq: 2 }]);
    expect(writer.idle).toBe(true);
  });

  it('gathers into the next append what arrives while one is in flight', async () => {
    const { stream, writer } = setUp();
    const first = writer.submit({ id: 'a' });
    stream.onAppend = () => void later.push(writer.submit({ id: 'b' }), writer.submit({ id: 'c' }));
    const later: Promise<unknown>[] = [];
    await values([first]);
    stream.onAppend = undefined;
    await values(later);
    expect(stream.appends).toBe(2);
    expect(stream.ids).toEqual(['a', 'b', 'c']);
  });

  it('answers a repeat of the same request in one batch as a duplicate, on disk once', async () => {
    const { stream, writer } = setUp();
    const answers = await values([writer.submit({ id: 'a' }), writer.submit({ id: 'a' })]);
    expect(stream.ids).toEqual(['a']);
    expect(answers).toEqual([{ seq: 0 }, { seq: 0, duplicate: true }]);
  });

  it('decides again after another writer’s events', async () => {
    const { stream, writer } = setUp(['conflict']);
    expect(await values([writer.submit({ id: 'a' })])).toEqual([{ seq: 1 }]);
    expect(stream.ids).toEqual(['other-0', 'a']);
  });

  it('answers an event that was written without an answer as a success, not as a duplicate', async () => {
    const { stream, writer } = setUp(['lostAfter']);
    expect(await values([writer.submit({ id: 'a' })])).toEqual([{ seq: 0 }]);
    expect(stream.ids).toEqual(['a']);
    expect(stream.appends).toBe(1);
  });

  it('says nothing about a duplicate before the event it repeats is on disk', async () => {
    const { stream, writer } = setUp(['lostBefore', 'lostBefore']);
    const repeated = [writer.submit({ id: 'a' }), writer.submit({ id: 'a' })];
    void repeated[1]!.then(() => expect(stream.ids).toEqual(['a']));
    await values(repeated);
  });

  it('refuses what the store did not accept within the deadline, and keeps the order of the rest', async () => {
    const { stream, writer } = setUp(Array.from({ length: 20 }, () => 'lostBefore'));
    const early = writer.submit({ id: 'early' });
    void early.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(29_000);
    const rest = ['b', 'c'].map((id) => writer.submit({ id }));
    await vi.advanceTimersByTimeAsync(1_001);
    await expect(early).rejects.toThrow(StoreUnavailable);
    await values(rest);
    expect(stream.ids).toEqual(['b', 'c']);
  });

  it('accepts at most a hundred requests while the store is away, and later writes them in order', async () => {
    const { stream, writer } = setUp(['lostBefore', 'lostBefore', 'lostBefore', 'lostBefore']);
    const first = writer.submit({ id: '0' });
    await vi.advanceTimersByTimeAsync(1);
    const waiting = Array.from({ length: 99 }, (_, index) => writer.submit({ id: String(index + 1) }));
    await expect(writer.submit({ id: 'too many' })).rejects.toThrow(StoreUnavailable);
    await values([first, ...waiting]);
    expect(stream.ids).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
  });

  it('does not wait for a store that can’t write: refuses all requests at once, and tries the next', async () => {
    const { stream, writer, budget } = setUp();
    const full = vi
      .spyOn(stream, 'append')
      .mockRejectedValue(new StoreRefusesWrites('Nothing can be written: the disk is full'));
    const refused = Array.from({ length: 150 }, (_, index) => writer.submit({ id: String(index) }));
    for (const request of refused) request.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1);
    for (const request of refused) await expect(request).rejects.toThrow(StoreRefusesWrites);
    expect(writer.idle).toBe(true);
    expect([budget.waiting, budget.reachable, budget.lostForMs]).toEqual([0, true, 0]);
    full.mockRestore();
    expect(await values([writer.submit({ id: '7' })])).toEqual([{ seq: 0 }]);
    expect(stream.ids).toEqual(['7']);
  });

  it('refuses the newest beyond a hundred when it finds the store away', async () => {
    const { stream, writer } = setUp(['lostBefore']);
    const results = await settle(
      Array.from({ length: 150 }, (_, index) => writer.submit({ id: String(index) })),
    );
    expect(results.map(({ status }) => status === 'fulfilled').lastIndexOf(true)).toBe(99);
    expect(results.slice(0, 100).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(stream.ids).toHaveLength(100);
  });

  it('keeps a hundred requests when the store hangs, and writes them when it answers', async () => {
    const { stream, writer } = setUp();
    let answer!: () => void;
    stream.hangsUntil = new Promise((resolve) => (answer = resolve));
    const submit = (from: number, count: number): Promise<unknown>[] =>
      Array.from({ length: count }, (_, index) => writer.submit({ id: String(from + index) }));
    const waiting = submit(0, 1);
    await vi.advanceTimersByTimeAsync(1); // the rest waits behind the append that hangs
    waiting.push(...submit(1, 149));
    const refused = expect(Promise.all(waiting.slice(100))).rejects.toThrow(StoreUnavailable);
    void Promise.allSettled(waiting);
    await vi.advanceTimersByTimeAsync(3_000);
    await refused;
    await expect(writer.submit({ id: 'too many' })).rejects.toThrow(StoreUnavailable);
    answer();
    await values(waiting.slice(0, 100));
    expect(stream.ids).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
    await values(submit(150, 200));
    expect(stream.ids).toHaveLength(300);
  });

  it('splits a batch that the store finds too large, and refuses only an event too large by itself', async () => {
    const { stream, writer } = setUp();
    stream.maxEvents = 2;
    await values(['a', 'b', 'c', 'd', 'e'].map((id) => writer.submit({ id })));
    expect(stream.ids).toEqual(['a', 'b', 'c', 'd', 'e']);
    stream.maxEvents = 0;
    const [refused] = await settle([writer.submit({ id: 'f' })]);
    expect(refused?.status).toBe('rejected');
    expect(writer.idle).toBe(true);
  });

  it('refuses a batch whose rules throw, and goes on with the next', async () => {
    const { stream, writer } = setUp();
    stream.decideError = new TypeError('a bug');
    await expect(settle([writer.submit({ id: 'a' })])).resolves.toMatchObject([
      { reason: new TypeError('a bug') },
    ]);
    stream.decideError = undefined;
    await values([writer.submit({ id: 'b' })]);
    expect(stream.ids).toEqual(['b']);
  });

  it('reports a refusal before later successes, so that a bot knows which requests keep their order', async () => {
    const { stream } = setUp();
    const rules = stream.rules();
    const refusing: typeof rules = {
      ...rules,
      decide: async (requests, uncertain) => {
        const outcomes = await rules.decide(requests.slice(1), uncertain);
        return [{ kind: 'refuse', error: new StoreUnavailable('can’t tell') }, ...outcomes];
      },
      accepted: (requests, first) => Promise.resolve(requests.map((_, index) => ({ seq: first + index }))),
    };
    const writer = new StreamWriter(stream, 'messages-x', refusing, new WritingBudget());
    const told: string[] = [];
    const [refused, written] = [writer.submit({ id: 'a' }), writer.submit({ id: 'b' })];
    await settle([
      refused.catch(() => void told.push('refused')),
      written.then(() => void told.push('written')),
    ]);
    expect(told).toEqual(['refused', 'written']);
  });

  it('does not wait for slow answers before the next append', async () => {
    const { stream, writer } = setUp();
    let seen!: () => void;
    stream.answersAfter = new Promise<void>((resolve) => (seen = resolve));
    const first = writer.submit({ id: 'a' });
    await vi.advanceTimersByTimeAsync(1);
    const second = writer.submit({ id: 'b' });
    await vi.advanceTimersByTimeAsync(1);
    expect(stream.ids).toEqual(['a', 'b']);
    expect(writer.idle).toBe(false);
    seen();
    await values([first, second]);
  });

  it('writes what it accepted before it stops, and accepts nothing more', async () => {
    const { stream, writer } = setUp();
    const taken = writer.submit({ id: 'a' });
    const stopped = writer.stopWriter();
    await expect(writer.submit({ id: 'b' })).rejects.toThrow(StoreUnavailable);
    await values([taken]);
    await stopped;
    expect(stream.ids).toEqual(['a']);
  });

  it('stops at once when the store is away, and refuses what waits', async () => {
    const { writer } = setUp(Array.from({ length: 20 }, () => 'lostBefore'));
    const waiting = writer.submit({ id: 'a' });
    const refused = expect(waiting).rejects.toThrow(StoreUnavailable);
    await vi.advanceTimersByTimeAsync(2_000);
    const stopped = writer.stopWriter();
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    await refused;
  });

  it('writes every request exactly once and in order, whatever conflicts and failures come between', async () => {
    const fault = fc.constantFrom<Fault>('ok', 'conflict', 'lostBefore', 'lostAfter', 'catchUpFails');
    const wave = fc.integer({ min: 1, max: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 12 }),
        fc.array(wave, { minLength: 1, maxLength: 6 }),
        async (faults, waves) => {
          const { stream, writer } = setUp(faults);
          const submitted: Promise<{ seq: number; duplicate?: true }>[] = [];
          for (const size of waves) {
            for (let i = 0; i < size; i++) submitted.push(writer.submit({ id: `m${submitted.length}` }));
            await vi.advanceTimersByTimeAsync(10);
          }
          const answers = await values(submitted);
          const own = stream.ids.filter((id) => id.startsWith('m'));
          expect(own).toEqual(submitted.map((_, index) => `m${index}`));
          expect(answers.map(({ seq }) => stream.ids[seq])).toEqual(own);
          expect(answers.some(({ duplicate }) => duplicate)).toBe(false);
          expect(writer.idle).toBe(true);
        },
      ),
    );
  });

  it('gives way to other writers but always succeeds in the end', async () => {
    const { stream, writer } = setUp(Array.from({ length: 30 }, () => 'conflict'));
    await values([writer.submit({ id: 'a' })]);
    expect(stream.ids.at(-1)).toBe('a');
    expect(stream.conflicts.every((error) => error instanceof WrongExpectedRevision)).toBe(true);
  });
});
