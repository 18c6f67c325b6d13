import { Injectable } from '@nestjs/common';

export type Health = Readonly<{ ready: boolean; detail?: string }>;
export type HealthReport = Readonly<{ ready: boolean; components: Readonly<Record<string, Health>> }>;

/** Collects from every part of the process whether it can do its work. Checks answer at once, from memory. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, () => Health>();

  /** @throws Error when the name is taken, because one part would hide the other */
  register(name: string, check: () => Health): void {
    if (this.checks.has(name)) throw new Error(`A health check named "${name}" exists already`);
    this.checks.set(name, check);
  }

  /** Returns ready when every component is. A check that throws counts as not ready. */
  report(): HealthReport {
    const components = Object.fromEntries([...this.checks].map(([name, check]) => [name, guarded(check)]));
    return { ready: Object.values(components).every(({ ready }) => ready), components };
  }
}

/** Returns the part of a report that everybody may know: which components can do their work. */
export const withoutDetails = ({ ready, components }: HealthReport): HealthReport => ({
  ready,
  components: Object.fromEntries(Object.entries(components).map(([name, of]) => [name, { ready: of.ready }])),
});

const guarded = (check: () => Health): Health => {
  try {
    return check();
  } catch {
    return { ready: false, detail: 'the check failed' };
  }
};
