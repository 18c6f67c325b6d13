import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoopDelay } from './loop-delay.js';
import { registerProcessMetrics } from './loop-metrics.js';

const figure = async (registry: Registry, name: string): Promise<number> => {
  const metric = await registry.getSingleMetric(`nodejs_eventloop_lag_${name}_seconds`)!.get();
  return metric.values[0]!.value;
};

const holdUp = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('the delay of the event loop', () => {
  it('shows a pause, and only in the next answer', async () => {
    const registry = new Registry();
    registerProcessMetrics(registry);
    await vi.waitFor(async () => expect(await figure(registry, 'max')).toBeGreaterThan(0)); // it measures
    holdUp(150);
    await vi.waitFor(async () => expect(await figure(registry, 'max')).toBeGreaterThan(0.1));
    const max = await figure(registry, 'max');
    await registry.metrics();
    expect(await figure(registry, 'max')).toBeLessThan(max);
  });

  it('has all figures of prom-client', async () => {
    const registry = new Registry();
    registerProcessMetrics(registry);
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    for (const name of ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_'])
      expect(names).toContain(`nodejs_eventloop_lag_${name}seconds`);
  });
});

/** Runs it for some seconds in which the loop had work for this share of the time. @returns the measurements made */
const measure = (utilization: number, seconds: number): number => {
  let now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(performance, 'eventLoopUtilization').mockReturnValue({ idle: 0, active: 0, utilization });
  const delay = new LoopDelay();
  delay.start();
  for (let ms = 0; ms < 3_000; ms += 1) {
    now += 1;
    vi.advanceTimersByTime(1);
  }
  delay.reset();
  for (let ms = 0; ms < seconds * 1_000; ms += 1) {
    now += 1;
    vi.advanceTimersByTime(1);
  }
  delay.stopMeasuring();
  return delay.recorded.count;
};

describe('the measurement', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('is made a hundred times a second while there is work', () => {
    expect(measure(0.5, 10)).toBe(1_000);
  });

  it('is made once a second while there is none', () => {
    expect(measure(0.01, 10)).toBe(10);
  });
});
