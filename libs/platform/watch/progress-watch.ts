import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { Boundary } from '../faults/boundary.js';
import type { Health, HealthRegistry } from '../health/health.registry.js';
import type { Logger } from '../logging/logger.js';
import { standstillAfter } from './standstill.js';
import type { Marks, Standstill } from './standstill.js';
import { Interval } from '#libs/time/interval.js';

const LOOK = new Boundary('progress.look');
const METRICS = new Boundary('metrics');

const LOOK_MS = 1_000;

/** A component that may stop making progress. */
export type Watched = Readonly<{
  /** Name in health, metrics and the log. */
  name: string;
  /** Milliseconds without progress after which that is reported. */
  limitMs: number;
  /** Whether the process can do nothing for bots without this component. */
  isVital: boolean;
  /** Answers at once, from memory. */
  marks(): Marks;
}>;

/**
 * Checks once a second every component that may stop making progress. A component that has work and does none of it is
 * reported in health (`progress`), metrics and the log for as long as that lasts; an idle component is not.
 */
export class ProgressWatch {
  private readonly watched: Watched[] = [];
  private readonly seen = new Map<string, Standstill>();
  private readonly said = new Set<string>();
  private looks: Interval | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly healthOfAll: Pick<HealthRegistry, 'register'>,
    private readonly registry: Registry,
  ) {}

  /** Watches these components until the process ends. */
  watchProgress(...watched: readonly Watched[]): void {
    this.watched.push(...watched);
    if (this.looks === undefined) this.start();
  }

  /** Returns for how many milliseconds a component has had work and done none of it. */
  standsForMs(name: string): number {
    return (this.seen.get(name)?.looks ?? 0) * LOOK_MS;
  }

  stopWatching(): void {
    void this.looks?.stop();
  }

  private start(): void {
    this.looks = new Interval(LOOK_MS, () => this.checkProgress(), LOOK).start();
    this.healthOfAll.register('progress', () => this.health());
    const gauge: Gauge = new Gauge({
      name: 'verbatim_standstill_seconds',
      help: 'How long a component has had work without making progress; 0 while it makes progress or is idle.',
      labelNames: ['of'],
      registers: [this.registry],
      collect: METRICS.guard(() => {
        for (const { name } of this.watched) gauge.set({ of: name }, this.standsForMs(name) / 1_000);
      }),
    });
  }

  private checkProgress(): void {
    for (const each of this.watched) {
      const standstill = standstillAfter(this.seen.get(each.name), each.marks());
      if (standstill) this.seen.set(each.name, standstill);
      else this.seen.delete(each.name);
      this.reportProgress(each);
    }
  }

  private reportProgress(each: Watched): void {
    const { name } = each;
    const stands = this.stands(each);
    if (stands === this.said.has(name)) return;
    if (stands) this.said.add(name);
    else this.said.delete(name);
    const entry = { component: 'progress', of: name };
    if (stands)
      this.logger.error({ ...entry, ms: this.standsForMs(name), ...each.marks() }, `Stands still: ${name}`);
    else this.logger.info(entry, `Moves again: ${name}`);
  }

  private stands({ name, limitMs }: Watched): boolean {
    return this.standsForMs(name) >= limitMs;
  }

  private health(): Health {
    const standing = this.watched.filter((each) => this.stands(each));
    if (standing.length === 0) return { ready: true };
    const words = standing.map(
      ({ name }) => `${name} has stood still for ${this.standsForMs(name) / 1_000} s`,
    );
    return { ready: standing.every(({ isVital }) => !isVital), detail: words.join('; ') };
  }
}
