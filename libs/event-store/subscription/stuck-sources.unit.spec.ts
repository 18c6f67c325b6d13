import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { storedEvent } from '#test/support/stored-event.js';
import { StoreUnavailable } from '../event-store.errors.js';
import type { LogPosition } from '../position.js';
import type { LogRead } from '../stored/read-request.js';
import type { StoredEvent } from '../stored/stored-event.js';
import { StuckSources } from './stuck-sources.js';

const DEADLINE_MS = 10_000;
/** Within this time a stuck source must be ended. */
const FOUND_MS = 2 * DEADLINE_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Source {
  waitsAt: LogPosition | undefined = at(3);
  isOver = false;
  error: Error | undefined;

  endRead(error: Error): void {
    this.isOver = true;
    this.error = error;
  }
}

const setUp = () => {
  const log: StoredEvent[] = [storedEvent({ position: at(3) })];
  const reads: LogRead[] = [];
  const state = { hangs: false };
  const stuck = new StuckSources(async function* (read, signal) {
    reads.push(read);
    if (state.hangs) return void (await new Promise((resolve) => signal.addEventListener('abort', resolve)));
    yield log;
  }, DEADLINE_MS);
  const come = (): Source => {
    const source = new Source();
    stuck.watchSource(source, { filter: { streams: ['messages-'] } });
    return source;
  };
  return { log, reads, state, stuck, come };
};

const later = storedEvent({ position: at(4) });

describe('the watch over sources that follow the log', () => {
  it('ends one that waits although the log has more for it', async () => {
    const { log, stuck, come } = setUp();
    const reasons: string[] = [];
    stuck.onEnded((why) => reasons.push(why));
    const source = come();
    log.push(later);
    await vi.advanceTimersByTimeAsync(FOUND_MS);
    expect(source.error).toEqual(new StoreUnavailable(reasons[0]));
    expect(reasons).toEqual(['The event store sent nothing behind position 3, although the log goes on']);
  });

  it('leaves one alone that has all there is for it, or that moves, or that is busy', async () => {
    const { log, come } = setUp();
    const level = come();
    await vi.advanceTimersByTimeAsync(10 * FOUND_MS);
    level.isOver = true;
    log.push(later);
    const [moving, busy] = [come(), come()];
    busy.waitsAt = undefined;
    for (let place = 3; place < 100; place += 1) {
      moving.waitsAt = at(place);
      await vi.advanceTimersByTimeAsync(DEADLINE_MS / 2);
      log.push(storedEvent({ position: at(place + 2) }));
    }
    expect([level.error, moving.error, busy.error]).toEqual([undefined, undefined, undefined]);
  });

  it('takes a store that does not answer for no proof, and a damaged event neither', async () => {
    const { log, state, come } = setUp();
    const source = come();
    log.push({ ...later, damaged: 'its bytes are others' });
    await vi.advanceTimersByTimeAsync(5 * FOUND_MS);
    log.push(later);
    state.hangs = true;
    await vi.advanceTimersByTimeAsync(5 * FOUND_MS);
    expect(source.error).toBeUndefined();
    state.hangs = false;
    await vi.advanceTimersByTimeAsync(FOUND_MS);
    expect(source.error).toBeInstanceOf(StoreUnavailable);
  });

  it('waits longer each time that one is stuck at the same place', async () => {
    const { log, come } = setUp();
    log.push(later);
    const lasted: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const source = come();
      const began = Date.now();
      while (!source.isOver) await vi.advanceTimersByTimeAsync(1_000);
      lasted.push(Date.now() - began);
    }
    for (const [round, ms] of lasted.slice(1).entries()) expect(ms).toBeGreaterThan(1.6 * lasted[round]!);
    const elsewhere = come();
    elsewhere.waitsAt = at(2);
    await vi.advanceTimersByTimeAsync(FOUND_MS);
    expect(elsewhere.isOver).toBe(true);
  });

  it('asks once for all that wait for the same at the same place, and nothing when nobody waits', async () => {
    const { reads, come, stuck } = setUp();
    const sources = [come(), come(), come()];
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(reads).toEqual([
      expect.objectContaining({ from: at(3), filter: { streams: ['messages-'] }, follow: false, limit: 2 }),
    ]);
    for (const source of sources) source.isOver = true;
    await vi.advanceTimersByTimeAsync(10 * DEADLINE_MS);
    expect(reads).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
    stuck.stopWatching();
  });
});
