import { describe, expect, it } from 'vitest';
import type { LoadResult } from '#tools/harness/load/load-plan.js';
import type { Row } from '../../report/hardening-report.js';
import { capacityFindings, capacityRows } from './capacity-findings.js';
import type { CapacityObserved } from './capacity-findings.js';
import { effortFor, expectedSeconds } from './effort.js';
import { failuresOf, isGeneratorLimit } from './probe.js';
import type { Probe } from './probe.js';
import { sizingAt } from './sizing.js';
import type { Costs } from './sizing.js';

const spread = (p99: number) => ({ samples: 1_000, mean: 2, p50: 1, p99, max: p99 * 2 });

const load = (fields: Partial<LoadResult> = {}): LoadResult => ({
  sent: 10_000,
  acknowledged: 10_000,
  refused: {},
  disconnects: 0,
  gaps: 0,
  repeats: 0,
  undelivered: 0,
  unanswered: 0,
  delivery: spread(20),
  acknowledgement: spread(10),
  lateness: spread(1),
  ...fields,
});

const probe = (fields: Partial<LoadResult> = {}, rate = 1_000): Probe => ({
  bots: 100,
  rate,
  seconds: 10,
  load: load({ sent: rate * 10, ...fields }),
  cpuPerThousand: 0.9,
});

const COSTS: Costs = {
  heldRate: 2_000,
  eventStoreBytesPerMessage: 1_000,
  postgresBytesPerMessage: 500,
  cpuSecondsPerThousand: 0.8,
  memoryBaseMB: 200,
  memoryPerConnectionMB: 0.05,
};

const observed = (fields: Partial<CapacityObserved> = {}): CapacityObserved => ({
  rate: {
    found: { held: 1_000, failed: 2_000, probes: 2 },
    probes: [probe(), probe({ delivery: spread(400) }, 2_000)],
  },
  connections: { found: { held: 500, probes: 1 }, probes: [{ ...probe({}, 500), bots: 500 }] },
  costLoad: probe({}, 800),
  costs: COSTS,
  ...fields,
});

const row = (id: string, fields: Partial<CapacityObserved> = {}): Row =>
  capacityRows(observed(fields)).find((one) => one.id === id)!;

/** A search for the rate with one more probe, which saw this. */
const withProbe = (fields: Partial<LoadResult>): Partial<CapacityObserved> => ({
  rate: { found: { held: 1_000, probes: 1 }, probes: [probe(), probe(fields)] },
});

describe('a probe', () => {
  it('holds when everything is in time and exact', () => {
    expect(failuresOf(probe())).toEqual([]);
  });

  it.each<[string, Partial<LoadResult>]>([
    ['acknowledgement p99 250 ms', { acknowledgement: spread(250) }],
    ['delivery p99 251 ms', { delivery: spread(251) }],
    ['delivery p99 not measured', { delivery: spread(Number.NaN) }],
    ['3 posts refused: rate_limited', { refused: { rate_limited: 3 } }],
    ['2 posts never answered', { unanswered: 2 }],
    ['5 deliveries never came', { undelivered: 5 }],
    ['1 messages skipped', { gaps: 1 }],
    ['4 messages repeated', { repeats: 4 }],
    ['1 connections dropped', { disconnects: 1 }],
    ['the load generator itself was late, p99 80 ms', { lateness: spread(80) }],
    ['the load generator itself was late, p99 1 ms', { sent: 9_000 }],
  ])('does not hold: %s', (reason, fields) => {
    expect(failuresOf(probe(fields))).toEqual([reason]);
  });

  it('does not hold when it could not be carried out', () => {
    expect(failuresOf({ bots: 1, rate: 1, seconds: 1, trouble: 'connect_error' })).toEqual(['connect_error']);
  });

  it('says whether the generator was the limit', () => {
    expect(isGeneratorLimit(probe({ lateness: spread(49) }))).toBe(false);
    expect(isGeneratorLimit(probe({ lateness: spread(50) }))).toBe(true);
    expect(isGeneratorLimit(probe({ lateness: spread(Number.NaN) }))).toBe(true);
  });
});

describe('what was found', () => {
  it('is reported with what stood in the way of more', () => {
    expect(row('capacity.rate')).toMatchObject({
      verdict: 'told',
      measured: '1,000 messages/s',
      why: 'at 2,000: delivery p99 400 ms',
    });
    expect(row('capacity.connections').why).toContain('nothing failed up to 500');
  });

  it('says when the generator set the limit and not the server', () => {
    const probes = [probe(), probe({ lateness: spread(90) }, 2_000)];
    const rate = { found: { held: 1_000, failed: 2_000, probes: 2 }, probes };
    expect(row('capacity.rate', { rate }).why).toContain('the generator set the limit');
    const both = [probe(), probe({ lateness: spread(90), delivery: spread(900) }, 2_000)];
    expect(row('capacity.rate', { rate: { ...rate, probes: both } }).why).not.toContain('set the limit');
  });

  it('is a missed target when nothing held at all', () => {
    const rate = { found: { held: 0, failed: 50, probes: 1 }, probes: [probe({ repeats: 1 }, 50)] };
    expect(row('capacity.rate', { rate })).toMatchObject({ verdict: 'missed', why: '1 messages repeated' });
  });
});

describe('exactness', () => {
  it('is met when nothing was lost, skipped or repeated', () => {
    for (const id of ['gaps', 'repeats', 'lost']) expect(row(`capacity.${id}`).verdict).toBe('met');
  });

  it.each<[string, Partial<LoadResult>]>([
    ['gaps', { gaps: 1 }],
    ['repeats', { repeats: 1 }],
    ['lost', { undelivered: 1 }],
    ['lost', { unanswered: 1 }],
  ])('is missed by one of the %s', (id, fields) => {
    expect(row(`capacity.${id}`, withProbe(fields)).verdict).toBe('missed');
  });

  it('counts gaps and repeats in slow probes too, but not messages that may only be late', () => {
    const slow = { delivery: spread(900), gaps: 1, undelivered: 7 };
    expect(row('capacity.gaps', withProbe(slow)).verdict).toBe('missed');
    expect(row('capacity.lost', withProbe(slow)).verdict).toBe('met');
  });

  it('does not hide a loss behind deliveries of posts that were refused', () => {
    const rate = {
      found: { held: 1, probes: 2 },
      probes: [probe({ undelivered: 3 }), probe({ undelivered: -3 })],
    };
    expect(row('capacity.lost', { rate }).verdict).toBe('missed');
  });

  it('is not proved when there were no probes', () => {
    const nothing = { found: { held: 0, probes: 0 }, probes: [] };
    const rows = capacityRows({ rate: nothing, connections: nothing });
    expect(rows.filter(({ verdict }) => verdict === 'met')).toEqual([]);
  });
});

describe('costs', () => {
  it('are marked as not run, with a reason, where the server can’t be seen', () => {
    const { rate, connections } = observed();
    const rows = capacityRows({ rate, connections }).filter(({ verdict }) => verdict === 'not run');
    expect(rows.map(({ id }) => id)).toEqual([
      'capacity.disk-event-store',
      'capacity.disk-postgres',
      'capacity.cpu',
      'capacity.memory',
    ]);
    expect(rows.every(({ why }) => why !== undefined)).toBe(true);
  });

  it('are reported where the server can be seen', () => {
    expect(row('capacity.memory')).toMatchObject({ measured: '50 KB', verdict: 'told' });
  });

  it('are scaled in proportion to the rate', () => {
    expect(sizingAt(5_000, COSTS)).toEqual({
      rate: 5_000,
      eventStoreGBPerDay: 432,
      postgresGBPerDay: 216,
      cores: 4,
      gateways: 3,
      memoryMB: 850,
    });
  });

  it('give no size where a figure was not measured', () => {
    const sized = sizingAt(1_000, { ...COSTS, heldRate: Number.NaN });
    expect([sized.gateways, sized.memoryMB]).toEqual([Number.NaN, Number.NaN]);
    expect(sized.cores).toBe(0.8);
  });
});

describe('what is shown', () => {
  it('has every probe in the table, but not in the plot those that are off the scale', () => {
    const { tables, plots } = capacityFindings(
      [],
      observed({
        rate: {
          found: { held: 1_000, failed: 2_000, probes: 2 },
          probes: [probe({ delivery: spread(5_000) }, 2_000), probe()],
        },
      }),
    );
    expect(tables![0]!.rows).toHaveLength(4);
    expect(tables![0]!.rows[0]!.at(-1)).toBe('no: delivery p99 5,000 ms');
    const [acknowledgement, delivery] = plots![0]!.series;
    expect(acknowledgement!.points).toEqual([
      [1_000, 10],
      [2_000, 10],
    ]);
    expect(delivery!.points).toEqual([[1_000, 20]]);
  });

  it('shows the formulas and the figures that go into them', () => {
    const [, sizing] = capacityFindings([], observed()).tables!;
    expect(sizing!.rows.map(([rate]) => rate)).toEqual(['1,000', '5,000', '50,000']);
    expect(sizing!.note).toContain('bytes per message × messages/s × 86,400 s');
    expect(sizing!.note).toContain('0.8 s of CPU per 1,000');
  });
});

describe('the effort', () => {
  it('is about six minutes in a long run and at most two in a short one, with the same steps', () => {
    expect(expectedSeconds(30)).toBeGreaterThan(240);
    expect(expectedSeconds(30)).toBeLessThan(420);
    expect(expectedSeconds(1)).toBeLessThan(90);
    for (const minutes of [1, 30])
      for (const part of Object.values(effortFor(minutes))) expect(part).toBeGreaterThan(0);
  });
});
