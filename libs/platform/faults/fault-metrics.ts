import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import { faultCounts } from './boundary.js';

/** Every boundary shows from the start, so that an alarm on an increase misses no first fault. */
export const registerFaultMetrics = (registry: Registry): void => {
  const counter: Counter<'where'> = new Counter({
    name: 'verbatim_faults_total',
    help: 'Faults of this process that a boundary kept from ending more than a connection, a request or a try, by place.',
    labelNames: ['where'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [where, faults] of faultCounts()) counter.inc({ where }, faults);
    },
  });
};
