import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Health, HealthRegistry } from '#libs/platform/health/health.registry.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';
import type { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import type { TreeKeeper } from './tree-keeper.js';

const METRICS = new Boundary('metrics');

/** Milliseconds that a leaf may wait for a checkpoint. A process that stands by waits twice the time of a signer. */
const STANDSTILL_MS = 60_000;

type Reported = Pick<TreeKeeper, 'tree' | 'served' | 'trouble' | 'isForked' | 'progress'>;

/** Reports in health, metrics and the watch over progress how the tree of the audit log is. */
export const reportTree = (
  keeper: Reported,
  to: Readonly<{
    health: Pick<HealthRegistry, 'register'>;
    metrics: Registry;
    watch: Pick<ProgressWatch, 'watchProgress'>;
    roles: readonly ServiceRole[];
  }>,
): void => {
  to.health.register('audit-log', () => healthOf(keeper, to.roles));
  to.watch.watchProgress({
    name: 'audit log',
    limitMs: STANDSTILL_MS,
    isVital: false,
    marks: () => keeper.progress.marksWhen(keeper.tree !== undefined),
  });
  for (const [name, help, read] of NUMBERS) {
    const gauge: Gauge = new Gauge({
      name: `verbatim_audit_log_${name}`,
      help,
      registers: [to.metrics],
      collect: METRICS.guard(() => gauge.set(read(keeper, Date.now()))),
    });
  }
};

/**
 * A log that is not the one whose checkpoints were signed makes a process unready whose work is the audit log. A process
 * that serves bots stays ready: they lose nothing, and health names what is wrong.
 */
const healthOf = ({ trouble, isForked }: Reported, roles: readonly ServiceRole[]): Health => ({
  ready: !isForked || roles.includes('gateway'),
  ...(trouble !== undefined && { detail: isForked ? `fork: ${trouble}` : trouble }),
});

type Number = readonly [name: string, help: string, read: (keeper: Reported, now: number) => number];

const NUMBERS: readonly Number[] = [
  ['events', 'How many events are in the tree of the audit log.', ({ progress }) => progress.size],
  [
    'unsigned_events',
    'How many events no signed checkpoint covers yet, those of checkpoints left out.',
    ({ tree }) => tree?.unsigned ?? 0,
  ],
  [
    'unsigned_seconds',
    'For how long the oldest event that no checkpoint covers has waited; 0 for none.',
    ({ tree }, now) => seconds(tree?.unsignedSince, now),
  ],
  [
    'checkpoint_age_seconds',
    'How long ago the newest checkpoint that is shown was stored; 0 while none is shown.',
    ({ served }, now) => seconds(served?.at, now),
  ],
  [
    'forked',
    '1 while the log is not the one whose checkpoints were signed, otherwise 0.',
    ({ isForked }) => (isForked ? 1 : 0),
  ],
  ['growing', '1 while the tree is open and level with the log, otherwise 0.', ({ tree }) => (tree ? 1 : 0)],
];

const seconds = (since: number | undefined, now: number): number =>
  since === undefined ? 0 : Math.max(0, now - since) / 1_000;
