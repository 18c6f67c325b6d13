import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { StoreDamages } from './store-damages.js';

describe('damage that the embedded store reports', () => {
  it('is in health, which stays ready for all else, and in metrics', async () => {
    const [damages, health, registry] = [new StoreDamages(), new HealthRegistry(), new Registry()];
    damages.report(health, registry);
    expect(health.report()).toEqual({ ready: true, components: { 'event-store-files': { ready: true } } });
    damages.addPlace({ position: 600, file: 'events-0000000000000256.log', offset: 344 });
    damages.addPlace({ position: 900, file: 'events-0000000000000256.log', offset: 644 });
    damages.addPlace({ position: 900, file: 'events-0000000000000256.log', offset: 644 });
    expect(health.report().components['event-store-files']).toEqual({
      ready: true,
      detail:
        'damaged at position 600 (events-0000000000000256.log, byte 344) and 1 more: verbatim event-store check',
    });
    expect(await registry.metrics()).toMatch(/^verbatim_event_store_damaged_places 2$/m);
  });
});
