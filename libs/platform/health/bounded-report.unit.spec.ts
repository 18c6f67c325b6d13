import type { Request, Response } from 'express';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPORT_BYTES, boundedReport } from './bounded-report.js';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health.registry.js';
import type { Health, HealthReport } from './health.registry.js';
import type { Insight } from '../http/insight.js';

const bytesOf = (report: HealthReport): number => Buffer.byteLength(JSON.stringify(report));

const reportOf = (components: Record<string, Health>): HealthReport => ({
  ready: Object.values(components).every(({ ready }) => ready),
  components,
});

const PROJECTIONS = [
  'bots',
  'channels',
  'messages',
  'presence',
  'cursors',
  'reads',
  'keys',
  'replies',
  'activity',
];
/** The components of a process with all roles. */
const COMPONENTS = [
  ...PROJECTIONS.map((name) => `projection-${name}`),
  ...'log writing events posts gateway progress disk event-store-files audit-log'.split(' '),
];

/** Each component with more words than it ever has. */
const WORST = reportOf(
  Object.fromEntries(
    COMPONENTS.map((name) => [
      name,
      { ready: false, detail: `${name} has stood still: ${'ä'.repeat(2_000)}` },
    ]),
  ),
);

describe('the answer of a probe', () => {
  it('stays within its bytes in the worst state, and names every component', () => {
    const bounded = boundedReport(WORST);
    expect(bytesOf(bounded)).toBeLessThanOrEqual(REPORT_BYTES);
    expect(Object.keys(bounded.components)).toEqual(Object.keys(WORST.components));
    expect(bounded.ready).toBe(false);
  });

  it('is bounded by the controller', () => {
    const registry = new HealthRegistry();
    for (const [name, health] of Object.entries(WORST.components)) registry.register(name, () => health);
    const insight = { maySeeNames: () => true } as unknown as Insight;
    const response = { status: () => response } as unknown as Response;
    const answer = new HealthController(registry, insight).ready({} as Request, response);
    expect(answer).toEqual(boundedReport(WORST));
  });

  it('is given whole if it fits, and otherwise cuts only what is long', () => {
    const short = { ready: false, detail: 'the disk is full' };
    expect(boundedReport(reportOf({ disk: short }))).toEqual(reportOf({ disk: short }));
    const long = { ready: true, detail: 'x'.repeat(5_000) };
    const { components } = boundedReport(reportOf({ disk: short, events: long }));
    expect(components['disk']).toEqual(short);
    expect(components['events']?.detail).toMatch(/^x{800,}…$/u);
  });

  it('has room for more details if everything is ready', () => {
    const { components } = boundedReport(reportOf({ events: { ready: true, detail: 'x'.repeat(5_000) } }));
    expect(components['events']?.detail).toMatch(/^x{3900,}…$/u);
  });

  it('never has more bytes, says the same about readiness, and keeps what is not ready before what is', () => {
    const health = fc.record(
      { ready: fc.boolean(), detail: fc.string({ maxLength: 300, unit: 'grapheme' }) },
      { requiredKeys: ['ready'] },
    ) as fc.Arbitrary<Health>;
    const names = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(
        fc.dictionary(names, health, { maxKeys: 60, noNullPrototype: true }),
        fc.integer({ min: 60, max: 3_000 }),
        (components, most) => {
          const report = reportOf(components);
          const bounded = boundedReport(report, most);
          expect(bytesOf(bounded)).toBeLessThanOrEqual(most);
          expect(bounded.ready).toBe(report.ready);
          const kept = Object.keys(bounded.components);
          for (const name of kept) expect(bounded.components[name]!.ready).toBe(components[name]!.ready);
          const left = Object.entries(components).filter(([name]) => !kept.includes(name));
          const leftUnready = left.some(([, { ready }]) => !ready);
          if (leftUnready) expect(kept.some((name) => components[name]!.ready)).toBe(false);
        },
      ),
    );
  });
});
