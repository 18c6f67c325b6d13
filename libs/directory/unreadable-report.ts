import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { STREAM_FAMILIES } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { UnreadableEvent, UnreadableEvents } from '#libs/event-store/unreadable/unreadable-events.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Health, HealthRegistry } from '#libs/platform/health/health.registry.js';
import type { Logger } from '#libs/platform/logging/logger.js';

const METRICS = new Boundary('metrics');

/** How many such events the health report names. The process's log names more. */
const NAMED = 5;

/**
 * Reports each event that cannot be decoded, with its place and the reason, in health, metrics and the log.
 */
export const reportUnreadable = (
  { unreadable, setAside }: Pick<EventStore, 'unreadable' | 'setAside'>,
  to: Readonly<{ health: Pick<HealthRegistry, 'register'>; metrics: Registry; logger: Logger }>,
): void => {
  to.health.register('events', () => healthOf(unreadable));
  const gauge: Gauge = new Gauge({
    name: 'verbatim_unreadable_events',
    help: 'Events of our streams, found since the start, that do not match the schema of their type and that nobody has set aside.',
    labelNames: ['family'],
    registers: [to.metrics],
    collect: METRICS.guard(() => {
      const { counts } = unreadable;
      for (const family of STREAM_FAMILIES) gauge.set({ family }, counts.get(family) ?? 0);
    }),
  });
  unreadable.onFound((event) => {
    const { stream, revision, type, why, position } = event;
    const place = { stream, revision, type, why, ...(position && { position: formatPosition(position) }) };
    const decided = setAside.find(stream, revision);
    if (decided) {
      const { keyId, at } = decided;
      to.logger.info({ component: 'events', ...place, keyId, at }, `${nameOf(event)}. It is set aside`);
      return;
    }
    to.logger.error(
      { component: 'events', ...place },
      `${nameOf(event)}. What depends on it is stopped until an admin decides`,
    );
  });
};

/** Everything else goes on, so the process stays ready. */
const healthOf = ({ undecidedEvents: damage, counts }: UnreadableEvents): Health => {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return { ready: true };
  const named = damage.slice(0, NAMED).map(nameOf);
  const rest = all > named.length ? [`and ${all - named.length} more`] : [];
  return { ready: true, detail: [...named, ...rest].join('; ') };
};

const nameOf = ({ stream, revision, why, position }: UnreadableEvent): string =>
  `event ${revision} of stream "${stream}"${position ? ` (position ${formatPosition(position)})` : ''} can't be understood: ${why}`;
