import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import { faultCounts } from './boundary.js';

/**
 * Registers the counter of faults. It shows every boundary from the start, so that an alarm on an increase does not
 * miss the first fault.
 */
export const registerFaultMetrics = (registry: Registry): void => {
  const counter: Counter<'where'> = new Counter({
    name: 'verbatim_faults_total',
    help: 'Faults that a boundary contained, so that they ended at most a connection, a request or an attempt, by place.',
    labelNames: ['where'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [where, faults] of faultCounts()) counter.inc({ where }, faults);
    },
  });
};
