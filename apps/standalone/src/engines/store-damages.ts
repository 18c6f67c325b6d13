import { Gauge, type Registry } from 'prom-client';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { HealthRegistry } from '#libs/platform/health/health.registry.js';

const METRICS = new Boundary('metrics');

/** A place of the embedded store's log that can't be read. */
export type DamagedPlace = Readonly<{ position: number; file: string; offset: number }>;

/** What the embedded store has said of damage since the start, over its restarts. */
export class StoreDamages {
  private readonly places = new Map<number, DamagedPlace>();

  add(place: DamagedPlace): void {
    this.places.set(place.position, place);
  }

  /** Says it to health, where all else goes on, and to metrics. */
  report(health: HealthRegistry, registry: Registry): void {
    health.register('event-store-files', () => ({ ready: true, ...this.detail() }));
    const places = (): number => this.places.size;
    const gauge: Gauge = new Gauge({
      name: 'verbatim_event_store_damaged_places',
      help: 'Places of the embedded event store that are damaged on disk, as far as they were met',
      registers: [registry],
      collect: METRICS.guard(() => gauge.set(places())),
    });
  }

  private detail(): { detail?: string } {
    const [first] = this.places.values();
    if (!first) return {};
    const more = this.places.size > 1 ? ` and ${this.places.size - 1} more` : '';
    return {
      detail: `damaged at position ${first.position} (${first.file}, byte ${first.offset})${more}: verbatim event-store check`,
    };
  }
}
