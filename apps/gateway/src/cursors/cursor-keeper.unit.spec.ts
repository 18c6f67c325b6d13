import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';
import { CursorKeeper } from './cursor-keeper.js';
import type { Cursors, CursorStore, StoredCursors } from './cursor-keeper.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Cursors on disk, shared by several gateways. */
class Disk implements CursorStore {
  readonly written: CursorMap[] = [];
  private epoch = 0;
  private since: CursorMap | undefined;
  isAway = false;
  /** If set, writes wait for this promise. */
  until: Promise<void> | undefined;

  constructor(private readonly first: CursorMap = {}) {}

  get revision(): StoredCursors['revision'] {
    return this.written.length === 0 ? 'no_stream' : this.written.length - 1;
  }

  async read(): Promise<StoredCursors> {
    if (this.isAway) throw new StoreUnavailable('away');
    const { epoch, revision, since } = this;
    return { cursors: this.written.at(-1) ?? this.first, epoch, revision, ...(since && { since }) };
  }

  async write({ cursors, epoch, since }: Cursors, expected: StoredCursors['revision']): Promise<number> {
    await this.until;
    if (this.isAway) throw new StoreUnavailable('away');
    if (expected !== this.revision) throw new WrongExpectedRevision('cursor', expected, this.revision);
    this.epoch = epoch;
    this.since = since;
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

  it('does not move back for an acknowledgement, but does when told to', async () => {
    const keeper = await new Disk({ ops: 5 }).keeper();
    keeper.advance('ops', 3);
    expect(keeper.get('ops')).toBe(5);
    keeper.set('ops', 3);
    expect(keeper.get('ops')).toBe(3);
  });

  it('says that a cursor is stored only once the write has ended', async () => {
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

describe('a consumer that moved to another gateway', () => {
  it('finds its cursor where it left it there, whatever was still to be written here', async () => {
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

  it('finds it, too, when it comes back to a connection that seemed open here', async () => {
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

  it('may go back to where it says, even if more is stored there', async () => {
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

/**
 * Builds two gateways. The consumer was at the first and then at the second, as much later as any reconnect
 * takes.
 */
const wentThere = async (said: CursorMap) => {
  const disk = new Disk({ ops: 8 });
  const here = await disk.keeper();
  here.takeOver([]);
  await vi.advanceTimersByTimeAsync(50);
  const there = await disk.keeper();
  there.takeOver(Object.entries(said).map(([channel, cursor]) => ({ channel, cursor })));
  return { disk, here, there };
};
const aWhile = (): Promise<unknown> => vi.advanceTimersByTimeAsync(5_000);

describe('a consumer that gives its position at another gateway', () => {
  it('starts there, whatever its old connection acknowledges later, and however often', async () => {
    const { disk, here, there } = await wentThere({ ops: 2 });
    await vi.advanceTimersByTimeAsync(0);
    for (const seq of [9, 10]) {
      here.advance('ops', seq);
      await aWhile();
    }
    await here.close();
    there.advance('ops', 3);
    await aWhile();
    expect(disk.written).toEqual([{ ops: 2 }, { ops: 3 }]);
  });

  it('starts there, too, when the old connection wrote first', async () => {
    const { disk, here, there } = await wentThere({ ops: 2 });
    here.advance('ops', 9);
    await here.close();
    await aWhile();
    there.advance('ops', 3);
    await aWhile();
    expect(disk.written).toEqual([{ ops: 9 }, { ops: 2 }, { ops: 3 }]);
  });

  it('starts there even if it left at once and the old connection wrote first', async () => {
    const { disk, here, there } = await wentThere({ ops: 2 });
    here.advance('ops', 9);
    await here.close();
    await there.close();
    expect(disk.written).toEqual([{ ops: 9 }, { ops: 2 }]);
  });

  it('starts there when it gives the position that was stored anyway', async () => {
    const { disk, here } = await wentThere({ ops: 8 });
    await vi.advanceTimersByTimeAsync(0);
    here.advance('ops', 9);
    await aWhile();
    expect(disk.written).toEqual([{ ops: 8 }]);
  });

  it('is not told here that anything was stored, but is when it comes back', async () => {
    const { disk, here } = await wentThere({ ops: 2 });
    await vi.advanceTimersByTimeAsync(0);
    here.advance('ops', 9);
    const told = expect(here.stored()).rejects.toMatchObject({ code: 'superseded' });
    await aWhile();
    await told;
    await expect(here.stored()).rejects.toMatchObject({ code: 'superseded' });
    await here.refresh();
    here.takeOver([]);
    expect(here.get('ops')).toBe(2);
    here.advance('ops', 4);
    await aWhile();
    await here.stored();
    expect(disk.written.at(-1)).toEqual({ ops: 4 });
  });

  it('continues there when its earlier position here is written late', async () => {
    const { disk, here, there } = await wentThere({});
    here.takeOver([{ channel: 'ops', cursor: 5 }]);
    there.takeOver([]); // takes over once more, so that this connection is the newer one
    await here.close();
    there.advance('ops', 9);
    await aWhile();
    await there.stored();
    expect(disk.written.at(-1)).toEqual({ ops: 9 });
  });
});

/** Builds a consumer that acknowledged up to seq 3 in a membership that began after seq 0, and then left. */
const away = async (): Promise<Disk> => {
  const disk = new Disk();
  const keeper = await disk.keeper();
  keeper.noteMembership('ops', 0);
  keeper.advance('ops', 3);
  await keeper.close();
  return disk;
};

describe('a cursor of a membership that has ended', () => {
  it('is void for a consumer that was away when the membership ended', async () => {
    const back = await (await away()).keeper();
    back.noteMembership('ops', 9);
    expect(back.get('ops')).toBeUndefined();
  });

  it('is valid as long as the membership', async () => {
    const back = await (await away()).keeper();
    back.noteMembership('ops', 0);
    expect(back.get('ops')).toBe(3);
  });

  it('counts for the present membership if it does not name its membership', async () => {
    const keeper = await new Disk({ ops: 3 }).keeper();
    keeper.noteMembership('ops', 9);
    expect(keeper.get('ops')).toBe(3);
  });

  it('gives way to what the bot says when it joins', async () => {
    const disk = await away();
    const back = await disk.keeper();
    back.set('ops', -1);
    back.noteMembership('ops', 9);
    expect(back.get('ops')).toBe(-1);
    await back.close();
    const again = await disk.keeper();
    again.noteMembership('ops', 9);
    expect(again.get('ops')).toBe(-1);
  });

  it('is forgotten with the cursor', async () => {
    const disk = await away();
    const keeper = await disk.keeper();
    keeper.drop('ops');
    keeper.set('ops', 5);
    await keeper.close();
    const again = await disk.keeper();
    again.noteMembership('ops', 9);
    expect(again.get('ops')).toBe(5);
  });
});
