import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthRegistry } from '../health/health.registry.js';
import type { Logger } from '../logging/logger.js';
import { ProgressWatch } from './progress-watch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setUp = (isVital: boolean) => {
  const said: string[] = [];
  const line = (_entry: object, text: string): void => void said.push(text);
  const logger = { info: line, error: line } as unknown as Logger;
  const health = new HealthRegistry();
  const metrics = new Registry();
  const watch = new ProgressWatch(logger, health, metrics);
  const marks = { waiting: 0, done: 0 };
  watch.watchProgress({ name: 'cursors', limitMs: 5_000, isVital, marks: () => ({ ...marks }) });
  return { said, health, metrics, marks };
};

describe('the watch for components that stand still', () => {
  it('reports it everywhere once the limit is reached, and when it is over', async () => {
    const { said, health, metrics, marks } = setUp(true);
    vi.advanceTimersByTime(60_000);
    marks.waiting = 3;
    vi.advanceTimersByTime(5_000);
    expect(health.report().ready).toBe(true);
    vi.advanceTimersByTime(1_000);
    const progress = { ready: false, detail: 'cursors has stood still for 5 s' };
    expect(health.report()).toEqual({ ready: false, components: { progress } });
    expect(await metrics.metrics()).toContain('verbatim_standstill_seconds{of="cursors"} 5');
    vi.advanceTimersByTime(10_000);
    marks.done = 1;
    vi.advanceTimersByTime(1_000);
    expect(health.report()).toEqual({ ready: true, components: { progress: { ready: true } } });
    expect(await metrics.metrics()).toContain('verbatim_standstill_seconds{of="cursors"} 0');
    expect(said).toEqual(['Stands still: cursors', 'Moves again: cursors']);
  });

  it('leaves the process ready if bots do not need the component', () => {
    const { health, marks } = setUp(false);
    marks.waiting = 1;
    vi.advanceTimersByTime(10_000);
    expect(health.report().ready).toBe(true);
    expect(health.report().components['progress']?.detail).toMatch(/^cursors has stood still/u);
  });
});
