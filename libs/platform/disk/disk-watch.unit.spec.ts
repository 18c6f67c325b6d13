import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HealthRegistry } from '../health/health.registry.js';
import type { Logger } from '../logging/logger.js';
import type { Room } from './disk-room.js';
import { ProgressWatch } from '../watch/progress-watch.js';
import { DiskWatch } from './disk-watch.js';

const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says within a second that a disk is nearly full, then full, then well again, each once', async () => {
  const lines: string[] = [];
  const line = (_entry: object, text: string): void => void lines.push(text);
  const logger = { info: line, warn: line, error: line } as unknown as Logger;
  let room: Room = { freeBytes: 500 * MIB, freeFiles: undefined };
  const places = [{ name: 'event store', folder: '/data' }];
  const watch = new DiskWatch(places, 100 * MIB, logger, () => Promise.resolve(room));
  const health = new HealthRegistry();
  const metrics = new Registry();
  watch.report(health, metrics, { watchProgress: () => undefined });
  await watch.start();
  expect(health.report()).toEqual({ ready: true, components: { disk: { ready: true } } });
  const withRoom = async (mebibytes: number): Promise<void> => {
    room = { freeBytes: mebibytes * MIB, freeFiles: undefined };
    await vi.advanceTimersByTimeAsync(1_000);
  };

  await withRoom(50);
  const low = { ready: true, detail: 'event store: the disk is nearly full (50 MiB free)' };
  expect(health.report()).toEqual({ ready: true, components: { disk: low } });
  await withRoom(0);
  expect(watch.isShort('event store')).toBe(true);
  expect(health.report().ready).toBe(false);
  expect(await metrics.metrics()).toContain('verbatim_disk_free_bytes{of="event store"} 0');
  await withRoom(500);
  expect(health.report().ready).toBe(true);
  expect(lines).toEqual([
    'The disk is nearly full: 50 MiB free',
    'The disk is full: 0 MiB free',
    'There is room on the disk again',
  ]);
  watch.stopWatching();
});

it('looks less often while a disk is far from full, and often again when it is not', async () => {
  const logger = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Logger;
  let [looks, freeBytes] = [0, 100_000 * MIB];
  const watch = new DiskWatch([{ name: 'event store', folder: '/data' }], 100 * MIB, logger, async () => {
    looks += 1;
    return { freeBytes, freeFiles: undefined };
  });
  await watch.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(1 + 5);
  freeBytes = 500 * MIB;
  await vi.advanceTimersByTimeAsync(2_000);
  looks = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(20);
  watch.stopWatching();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(20);
});

it('says that it stands when a disk does not answer, also at the start, and goes on once it does', async () => {
  const lines: string[] = [];
  const line = (_entry: object, text: string): void => void lines.push(text);
  const logger = { info: line, warn: line, error: line } as unknown as Logger;
  const waiting: ((room: Room) => void)[] = [];
  const hangs = (): Promise<Room> => new Promise((resolve) => waiting.push(resolve));
  const watch = new DiskWatch([{ name: 'event store', folder: '/data' }], 100 * MIB, logger, hangs);
  const health = new HealthRegistry();
  const progress = new ProgressWatch(logger, health, new Registry());
  const started = watch.start();
  await vi.advanceTimersByTimeAsync(5_000);
  await started;
  watch.report(health, new Registry(), progress);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(health.report().components['progress']?.detail).toMatch(/^the check of the disks has stood still/u);
  expect([health.report().ready, waiting.length]).toEqual([true, 1]);
  waiting[0]!({ freeBytes: 500 * MIB, freeFiles: undefined });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(health.report().components['progress']).toEqual({ ready: true });
  expect(waiting).toHaveLength(2);
  expect(lines).toEqual(['Stands still: the check of the disks', 'Moves again: the check of the disks']);
  watch.stopWatching();
  progress.stopWatching();
});
