import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';
import type { Watched } from '#libs/platform/watch/progress-watch.js';
import { TreeProgress } from './tree-progress.js';
import { reportTree } from './tree-report.js';

type Reported = Parameters<typeof reportTree>[0];

const keeperOf = (parts: Partial<Reported>): Reported => ({
  tree: undefined,
  served: undefined,
  trouble: undefined,
  isForked: false,
  progress: new TreeProgress(),
  ...parts,
});

const reported = (parts: Partial<Reported>, roles: readonly ServiceRole[] = ['audit']) => {
  const [health, metrics, watched] = [new HealthRegistry(), new Registry(), [] as Watched[]];
  const watch = { watchProgress: (...more: readonly Watched[]) => void watched.push(...more) };
  reportTree(keeperOf(parts), { health, metrics, watch, roles });
  return { health: health.report(), metrics, watched };
};

describe('the report on the audit log', () => {
  it('makes a process unready whose work it is, once the log has forked, and names it where bots are served', () => {
    const forked = { isForked: true, trouble: 'a checkpoint is not of this log' };
    const alone = reported(forked).health;
    expect(alone.ready).toBe(false);
    expect(alone.components['audit-log']).toEqual({
      ready: false,
      detail: 'fork: a checkpoint is not of this log',
    });
    const withBots = reported(forked, ['gateway', 'audit']).health;
    expect(withBots.ready).toBe(true);
    expect(withBots.components['audit-log']!.detail).toContain('fork: ');
  });

  it('names trouble that may pass, and leaves the process ready', () => {
    expect(reported({ trouble: 'no space' }).health).toEqual({
      ready: true,
      components: { 'audit-log': { ready: true, detail: 'no space' } },
    });
  });

  it('says in metrics how large the tree is, what waits, and how old the newest checkpoint is', async () => {
    const progress = new TreeProgress();
    const tree = { size: 12, unsigned: 3, unsignedSince: Date.now() - 2_000, seen: { revision: 4 } };
    progress.beginAttempt(tree);
    const served = { at: Date.now() - 60_000 };
    const parts = { progress, tree, served, isForked: true } as unknown as Partial<Reported>;
    const values = new Map(
      (await reported(parts).metrics.getMetricsAsJSON()).map(({ name, values: [one] }) => [name, one!.value]),
    );
    expect(values.get('verbatim_audit_log_events')).toBe(12);
    expect(values.get('verbatim_audit_log_unsigned_events')).toBe(3);
    expect(values.get('verbatim_audit_log_unsigned_seconds')).toBeGreaterThanOrEqual(2);
    expect(values.get('verbatim_audit_log_unsigned_seconds')).toBeLessThan(30);
    expect(values.get('verbatim_audit_log_checkpoint_age_seconds')).toBeGreaterThanOrEqual(60);
    expect(values.get('verbatim_audit_log_forked')).toBe(1);
    expect(values.get('verbatim_audit_log_growing')).toBe(1);
  });

  it('is watched: work waits while the tree is not open', () => {
    const [watched] = reported({}).watched;
    expect(watched).toMatchObject({ name: 'audit log', isVital: false });
    expect(watched!.marks().waiting).toBe(1);
  });
});
