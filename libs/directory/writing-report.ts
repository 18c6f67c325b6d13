import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { WritingState } from '#libs/event-store/append/writing-state.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { HealthRegistry } from '#libs/platform/health/health.registry.js';
import type { Logger } from '#libs/platform/logging/logger.js';

const METRICS = new Boundary('metrics');

/**
 * Reports in health, metrics and the log when the event store answers that it cannot write, and when it can
 * again.
 */
export const reportWriting = (
  writing: WritingState,
  to: Readonly<{ health: Pick<HealthRegistry, 'register'>; metrics: Registry; logger: Logger }>,
): void => {
  to.health.register('writing', () => {
    const { trouble } = writing;
    return trouble === undefined
      ? { ready: true }
      : { ready: false, detail: `the event store says: ${trouble}` };
  });
  const gauge: Gauge = new Gauge({
    name: 'verbatim_event_store_writable',
    help: '0 while the event store reports that it can’t write, otherwise 1.',
    registers: [to.metrics],
    collect: METRICS.guard(() => gauge.set(writing.trouble === undefined ? 1 : 0)),
  });
  writing.onChange((trouble) => {
    if (trouble === undefined) to.logger.info({ component: 'writing' }, 'The event store writes again');
    else to.logger.error({ component: 'writing', reason: trouble }, 'The event store can’t write');
  });
};
