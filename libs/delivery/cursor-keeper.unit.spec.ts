import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CursorKeeper } from './cursor-keeper.js';
import type { WriteCursors } from './cursor-keeper.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const recording = () => {
  const written: unknown[] = [];
  const write = vi.fn<WriteCursors>(async (cursors) => void written.push(cursors));
  return { written, write };
};

describe('the cursor keeper', () => {
  it('writes the first change at once, then at most once a second, always the newest map', async () => {
    const { written, write } = recording();
    const keeper = new CursorKeeper({ dev: 1 }, write);
    keeper.advance('ops', 0);
    await vi.advanceTimersByTimeAsync(0);
    for (let seq = 1; seq <= 50; seq += 1) keeper.advance('ops', seq);
    await vi.advanceTimersByTimeAsync(900);
    expect(written).toEqual([{ dev: 1, ops: 0 }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(written).toEqual([
      { dev: 1, ops: 0 },
      { dev: 1, ops: 50 },
    ]);
  });

  it('does not go back by an acknowledgement, but does when told to', () => {
    const keeper = new CursorKeeper({ ops: 5 }, recording().write);
    keeper.advance('ops', 3);
    expect(keeper.get('ops')).toBe(5);
    keeper.set('ops', 3);
    expect(keeper.get('ops')).toBe(3);
  });

  it('says stored only once the write has ended', async () => {
    let finish: (() => void) | undefined;
    const keeper = new CursorKeeper({}, () => new Promise<void>((resolve) => (finish = resolve)));
    keeper.advance('ops', 1);
    const stored = vi.fn();
    void keeper.stored().then(stored);
    await vi.advanceTimersByTimeAsync(10);
    expect(stored).not.toHaveBeenCalled();
    finish?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(stored).toHaveBeenCalledOnce();
  });

  it('tries again while the store is away', async () => {
    const { written, write } = recording();
    write.mockRejectedValueOnce(new Error('away'));
    const keeper = new CursorKeeper({}, write);
    keeper.advance('ops', 1);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(written).toEqual([{ ops: 1 }]);
    await keeper.stored();
  });

  it('writes what is left when it closes, and nothing if nothing changed', async () => {
    const { written, write } = recording();
    const keeper = new CursorKeeper({}, write);
    keeper.advance('ops', 1);
    await vi.advanceTimersByTimeAsync(0);
    keeper.advance('ops', 2);
    await keeper.close();
    await keeper.close();
    expect(written).toEqual([{ ops: 1 }, { ops: 2 }]);
  });
});
