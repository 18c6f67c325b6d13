import { describe, expect, it } from 'vitest';
import { projectionHealth, rebuildMarks } from './projection-health.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const written = (agoMs: number): Date => new Date(NOW - agoMs);
const LIVE = { state: 'live', reason: undefined, lastWriteAt: written(1_000) } as const;

describe('the health of a projection', () => {
  it('is good while the projection is live and writes', () => {
    expect(projectionHealth(LIVE, { standstillMs: 0, now: NOW })).toEqual({ ready: true });
  });

  it('says silent when it has not written for more than five seconds, as the list of projections does', () => {
    const status = { ...LIVE, lastWriteAt: written(6_000) };
    expect(projectionHealth(status, { standstillMs: 0, now: NOW }).detail).toBe(
      'silent: has written nothing for 6 s',
    );
  });

  it('does not say silent where it is not expected to write', () => {
    const status = { ...LIVE, state: 'paused', lastWriteAt: written(600_000) } as const;
    expect(projectionHealth(status, { standstillMs: 0, now: NOW }).detail).toBe('paused');
  });

  it('says that it stands still when the log has events that do not reach it, even if it writes', () => {
    expect(projectionHealth(LIVE, { standstillMs: 12_000, now: NOW }).detail).toMatch(
      /^stands still for 12 s/u,
    );
  });
});

const at = (stage: 'building' | 'checking', commit: bigint): number =>
  rebuildMarks({ generation: 2, stage, position: { commit, prepare: commit } }).done;

describe('a build next to the active one', () => {
  const position = { commit: 100n, prepare: 100n };

  it('is idle while there is none, and when it is kept or waits for a decision', () => {
    for (const rebuild of [
      undefined,
      { generation: 2, stage: 'kept', position },
      { generation: 2, stage: 'differs', position },
    ] as const)
      expect(rebuildMarks(rebuild).waiting).toBe(0);
  });

  it('moves with its position and with its stage', () => {
    expect(new Set([at('building', 100n), at('building', 101n), at('checking', 100n)]).size).toBe(3);
  });
});
