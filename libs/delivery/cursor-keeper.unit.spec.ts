import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';
import { CursorKeeper } from './cursor-keeper.js';
import type { CursorStore, StoredCursors } from './cursor-keeper.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Cursors on disk, as several gateways see them. */
class Disk implements CursorStore {
  readonly written: CursorMap[] = [];
  isAway = false;
  /** Writes wait for this, if it is there. */
  until: Promise<void> | undefined;

  constructor(private readonly first: CursorMap = {}) {}

  get revision(): StoredCursors['revision'] {
    return this.written.length === 0 ? 'no_stream' : this.written.length - 1;
  }

  async read(): Promise<StoredCursors> {
    if (this.isAway) throw new StoreUnavailable('away');
    return { cursors: this.written.at(-1) ?? this.first, revision: this.revision };
  }

  async write(cursors: CursorMap, expected: StoredCursors['revision']): Promise<number> {
    await this.until;
    if (this.isAway) throw new StoreUnavailable('away');
    if (expected !== this.revision) throw new WrongExpectedRevision('cursor', expected, this.revision);
    return this.written.push(cursors) - 1;
  }

  async keeper(): Promise<CursorKeeper> {
    return new CursorKeeper(await this.read(), this);
  }
}

describe('the cursor keeper', () => {
  it('writes the first change at once, then at most once a second, always the newest map', async () => {
    const disk = new Disk({ dev: 1 });
    const keeper = await disk.keeper();
    keeper.advance('ops', 0);
    await vi.advanceTimersByTimeAsync(0);
    for (let seq = 1; seq <= 50; seq += 1) keeper.advance('ops', seq);
    await vi.advanceTimersByTimeAsync(900);
    expect(disk.written).toEqual([{ dev: 1, ops: 0 }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(disk.written).toEqual([
      { dev: 1, ops: 0 },
      { dev: 1, ops: 50 },
    ]);
  });

  it('does not go back by an acknowledgement, but does when told to', async () => {
    const keeper = await new Disk({ ops: 5 }).keeper();
    keeper.advance('ops', 3);
    expect(keeper.get('ops')).toBe(5);
    keeper.set('ops', 3);
    expect(keeper.get('ops')).toBe(3);
  });

  it('says stored only once the write has ended', async () => {
    const disk = new Disk();
    let finish: (() => void) | undefined;
    disk.until = new Promise((resolve) => (finish = resolve));
    const keeper = await disk.keeper();
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
    const disk = new Disk();
    const keeper = await disk.keeper();
    disk.isAway = true;
    keeper.advance('ops', 1);
    await vi.advanceTimersByTimeAsync(500);
    disk.isAway = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(disk.written).toEqual([{ ops: 1 }]);
    await keeper.stored();
  });

  it('writes what is left when it closes, and nothing if nothing changed', async () => {
    const disk = new Disk();
    const keeper = await disk.keeper();
    keeper.advance('ops', 1);
    await vi.advanceTimersByTimeAsync(0);
    keeper.advance('ops', 2);
    await keeper.close();
    await keeper.close();
    expect(disk.written).toEqual([{ ops: 1 }, { ops: 2 }]);
  });
});

describe('a consumer that went to another gateway', () => {
  it('finds its cursor where it left it there, whatever was left to write here', async () => {
    const disk = new Disk();
    const here = await disk.keeper();
    here.advance('ops', 3);
    await here.close();
    const [late, there] = [await disk.keeper(), await disk.keeper()];
    late.advance('ops', 4);
    there.advance('ops', 9);
    await there.close();
    await late.close();
    expect(disk.written.at(-1)).toEqual({ ops: 9 });
  });

  it('and came back to the connection that seemed to stand here finds it, too', async () => {
    const disk = new Disk({ ops: 1, dev: 1 });
    const [here, there] = [await disk.keeper(), await disk.keeper()];
    there.advance('ops', 9);
    await there.close();
    here.advance('dev', 5);
    await here.refresh();
    expect([here.get('ops'), here.get('dev')]).toEqual([9, 5]);
    await here.close();
    expect(disk.written.at(-1)).toEqual({ ops: 9, dev: 5 });
  });

  it('may go back to where it says, though more is stored there', async () => {
    const disk = new Disk({ ops: 8, dev: 8 });
    const [here, there] = [await disk.keeper(), await disk.keeper()];
    there.advance('ops', 9);
    await there.close();
    here.set('ops', 2);
    here.drop('dev');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(disk.written.at(-1)).toEqual({ ops: 2 });
  });
});
