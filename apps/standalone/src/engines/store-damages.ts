import { Gauge, type Registry } from 'prom-client';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { HealthRegistry } from '#libs/platform/health/health.registry.js';

const METRICS = new Boundary('metrics');

/** A damaged place in the log of the embedded store. */
export type DamagedPlace = Readonly<{ position: number; file: string; offset: number }>;

/** Holds the damage that the embedded store has reported since the start, over its restarts. */
export class StoreDamages {
  private readonly places = new Map<number, DamagedPlace>();

  addPlace(place: DamagedPlace): void {
    this.places.set(place.position, place);
  }

  /** Reports the damage in health, which stays ready, and in metrics. */
  report(health: HealthRegistry, registry: Registry): void {
    health.register('event-store-files', () => ({ ready: true, ...this.detail() }));
    const places = (): number => this.places.size;
    const gauge: Gauge = new Gauge({
      name: 'verbatim_event_store_damaged_places',
      help: 'Damaged places on disk of the embedded event store that were found so far',
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
