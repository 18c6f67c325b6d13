import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { StuckSources } from '#libs/event-store/subscription/stuck-sources.js';
import type { Logger } from '#libs/platform/logging/logger.js';

/** Reports in metrics and the log when a subscription was stuck and is opened again. */
export const reportStuck = (
  stuck: Pick<StuckSources, 'onEnded'>,
  to: Readonly<{ metrics: Registry; logger: Logger }>,
): void => {
  const counter = new Counter({
    name: 'verbatim_event_store_stuck_subscriptions_total',
    help: 'Subscriptions to the event store that brought nothing although the log went on, and were opened again.',
    registers: [to.metrics],
  });
  stuck.onEnded((reason) => {
    counter.inc();
    to.logger.warn({ component: 'log', reason }, 'A subscription was stuck and is opened again');
  });
};
