import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogFeed } from '#libs/event-store/log-feed.js';
import { positionOf } from '#libs/event-store/position.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { positionedEvent } from '#test/support/positioned-event.js';
import { FOLLOWER, FOLLOWER_LIMIT_MS, FeedProgress } from './feed-progress.js';

/** After so long a follower that stands still must have been reported. */
const REPORTED_MS = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A feed that has brought nothing of a log with one message in it. */
const setUp = () => {
  const feed = { position: positionOf(0n, 0n)!, handled: 0, state: 'connected', brings: () => true };
  const store = { readAll: () => [positionedEvent('messages-a', 1)] };
  const health = new HealthRegistry();
  const progress = new ProgressWatch(createLogger({ level: 'silent' }), health, new Registry());
  const follower = new FeedProgress(store as unknown as EventStore, feed as unknown as LogFeed, progress);
  follower.onApplicationBootstrap();
  const stop = (): void => {
    follower.onApplicationShutdown();
    progress.stopWatching();
  };
  return { feed, health, follower, stop };
};

describe('the follower of the log, when the log holds something that it does not bring,', () => {
  it('is silent, and makes the process not ready', async () => {
    const { health, follower, stop } = setUp();
    expect(follower.isSilent).toBe(false);
    await vi.advanceTimersByTimeAsync(REPORTED_MS);
    expect(follower.isSilent).toBe(true);
    const { ready, components } = health.report();
    expect(ready).toBe(false);
    expect(components['progress']?.detail).toContain(FOLLOWER);
    stop();
  });

  it('is well again once it has brought it', async () => {
    const { feed, health, follower, stop } = setUp();
    await vi.advanceTimersByTimeAsync(REPORTED_MS);
    feed.position = positionedEvent('messages-a', 1).position;
    feed.handled += 1;
    await vi.advanceTimersByTimeAsync(FOLLOWER_LIMIT_MS);
    expect([follower.isSilent, health.report().ready]).toEqual([false, true]);
    stop();
  });
});
