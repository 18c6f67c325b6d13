import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Logger } from '#libs/platform/logging/logger.js';
import { reportStuck } from './stuck-report.js';

it('Each subscription that was stuck is counted and logged with the reason', async () => {
  const said: unknown[] = [];
  const logger = { warn: (entry: object) => void said.push(entry) } as unknown as Logger;
  const metrics = new Registry();
  let end!: (why: string) => void;
  reportStuck({ onEnded: (listener) => void (end = listener) }, { metrics, logger });
  expect(await metrics.metrics()).toContain('verbatim_event_store_stuck_subscriptions_total 0');
  end('nothing behind position 7');
  expect(await metrics.metrics()).toContain('verbatim_event_store_stuck_subscriptions_total 1');
  expect(said).toEqual([{ component: 'log', reason: 'nothing behind position 7' }]);
});
