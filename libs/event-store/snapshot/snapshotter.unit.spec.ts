import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LogPosition } from '../position.js';
import { Snapshotter } from './snapshotter.js';

/** Makes a feed that the spec moves by hand. */
const movableFeed = () => {
  const listeners: ((position: LogPosition) => void)[] = [];
  const feed = {
    position: { commit: 0n, prepare: 0n },
    handled: 0,
    onAdvance: (listener: (position: LogPosition) => void) => void listeners.push(listener),
    move: (events: number, bytes: number) => {
      const commit = feed.position.commit + BigInt(bytes);
      feed.position = { commit, prepare: commit };
      feed.handled += events;
      for (const listener of listeners) listener(feed.position);
    },
  };
  return feed;
};

const setUp = (rows = 0, fail = false) => {
  const feed = movableFeed();
  const saved: bigint[] = [];
  const errors: string[] = [];
  const add = async ({ position }: { position: LogPosition }): Promise<number> => {
    if (fail) throw new Error('disk full');
    saved.push(position.commit);
    await turn();
    return rows;
  };
  const thresholds = { bytes: 1_000n, events: 10 };
  const snapshotter = new Snapshotter(
    feed,
    () => 'state',
    { appendSnapshot: add },
    ({ message }) => void errors.push(message),
    thresholds,
  );
  snapshotter.start();
  return { feed, saved, errors, snapshotter };
};

describe('saving a state', () => {
  it('happens when many events were handled, or the log has grown by a lot', async () => {
    const { feed, saved, snapshotter } = setUp();
    feed.move(10, 10);
    expect(saved).toEqual([]);
    feed.move(1, 1);
    expect(saved).toEqual([11n]);
    await turn();
    await turn();
    feed.move(1, 2_000);
    expect(saved).toEqual([11n, 2_011n]);
    await snapshotter.stopSnapshots();
    expect(saved).toEqual([11n, 2_011n]);
  });

  it('happens at a graceful stop only if anything was handled since the last save', async () => {
    const { feed, saved, snapshotter } = setUp();
    feed.move(0, 5_000);
    await snapshotter.stopSnapshots();
    expect(saved).toEqual([]);
    feed.move(1, 1);
    await snapshotter.stopSnapshots();
    expect(saved).toEqual([5_001n]);
  });

  it('happens less often for a large state', async () => {
    const { feed, saved, snapshotter } = setUp(100);
    feed.move(11, 11);
    await turn();
    await turn();
    feed.move(999, 100_000);
    expect(saved).toEqual([11n]);
    feed.move(2, 1);
    expect(saved).toEqual([11n, 100_012n]);
    await snapshotter.stopSnapshots();
  });

  it('is harmless when it fails', async () => {
    const { feed, errors, snapshotter } = setUp(0, true);
    feed.move(11, 11);
    await turn();
    feed.move(1, 1);
    await snapshotter.stopSnapshots();
    expect(errors).toEqual(['disk full', 'disk full']);
  });
});
