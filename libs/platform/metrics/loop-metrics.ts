import { collectDefaultMetrics, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { Boundary } from '../faults/boundary.js';
import { LoopDelay } from './loop-delay.js';

const METRICS = new Boundary('metrics');

/** Milliseconds between two measurements of prom-client's own histogram, whose figures are replaced: as good as never. */
const NEVER_MS = 2 ** 31 - 1;
const PREFIX = 'nodejs_eventloop_lag_';

type Recorded = LoopDelay['recorded'];

const FIGURES: Readonly<Record<string, Readonly<{ help: string; of(recorded: Recorded): number }>>> = {
  min: { help: 'The minimum recorded event loop delay.', of: ({ min }) => min },
  max: { help: 'The maximum recorded event loop delay.', of: ({ max }) => max },
  mean: { help: 'The mean of the recorded event loop delays.', of: ({ mean }) => mean },
  stddev: { help: 'The standard deviation of the recorded event loop delays.', of: ({ stddev }) => stddev },
  p50: { help: 'The 50th percentile of the recorded event loop delays.', of: (all) => all.percentile(50) },
  p90: { help: 'The 90th percentile of the recorded event loop delays.', of: (all) => all.percentile(90) },
  p99: { help: 'The 99th percentile of the recorded event loop delays.', of: (all) => all.percentile(99) },
};

/**
 * Registers prom-client's default metrics. Those of the event loop's delays keep their names and meaning, but come from
 * {@link LoopDelay}, which does not keep an idle process awake. As in prom-client, each answer covers the time since the
 * one before.
 */
export const registerProcessMetrics = (registry: Registry): void => {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  const delay = new LoopDelay();
  delay.start();
  const names = Object.keys(FIGURES);
  for (const [name, { help, of }] of Object.entries(FIGURES)) {
    registry.removeSingleMetric(`${PREFIX}${name}_seconds`);
    const gauge: Gauge = new Gauge({
      name: `${PREFIX}${name}_seconds`,
      help,
      registers: [registry],
      collect: METRICS.guard(() => {
        gauge.set(delay.recorded.count > 0 ? of(delay.recorded) / 1e9 : 0);
        // The registry asks for the figures in this order.
        if (name === names.at(-1)) delay.reset();
      }),
    });
  }
};
