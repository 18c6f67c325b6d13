import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { ProjectionStatus, RunnerState } from '#libs/projections/builds/projection-status.js';
import { silentForMs } from './projection-health.js';

const METRICS = new Boundary('metrics');

const STATES: readonly (RunnerState | 'silent')[] = [
  'silent',
  'catching_up',
  'live',
  'reconnecting',
  'waiting',
  'standby',
  'outdated',
  'paused',
  'failed',
  'stopped',
];

/**
 * Registers the metrics of projections. All values are read when they are requested. A projection that has
 * stopped shows in the age of its last write, even at lag 0.
 */
export const registerProjectionMetrics = (
  registry: Registry,
  statuses: () => readonly ProjectionStatus[],
  standstillMs: (name: string) => number,
): void => {
  const gauge = (name: string, help: string, read: (status: ProjectionStatus) => number): void => {
    const registered = new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect: METRICS.guard(() => {
        for (const status of statuses()) registered.set({ projection: status.name }, read(status));
      }),
    });
  };
  gauge(
    'verbatim_projection_lag_seconds',
    'Age of the newest event when its rows became visible; 0 while there is nothing to wait for.',
    ({ lagMs }) => lagMs / 1_000,
  );
  gauge(
    'verbatim_projection_last_write_age_seconds',
    'Seconds since the rows or the checkpoint were last written; a running projection writes at least once a second.',
    ({ lastWriteAt }) => (lastWriteAt ? (Date.now() - lastWriteAt.getTime()) / 1_000 : Number.NaN),
  );
  gauge(
    'verbatim_projection_position',
    'Commit position in the log that the read model has reached.',
    ({ position }) => Number(position?.commit ?? -1n),
  );
  gauge(
    'verbatim_projection_events_applied',
    'Events applied since the process started.',
    ({ eventsApplied }) => eventsApplied,
  );
  gauge(
    'verbatim_projection_standstill_seconds',
    'Seconds that the projection has stood at one position although the log has events for it, by a separate read of the log.',
    ({ name }) => standstillMs(name) / 1_000,
  );
  gauge(
    'verbatim_projection_rebuild_position',
    'Commit position that a generation being built next to the active one has reached; -1 without one.',
    ({ rebuild }) => Number(rebuild?.position.commit ?? -1n),
  );
  const states = new Gauge({
    name: 'verbatim_projection_state',
    help: '1 for the state a projection is in, 0 for the others.',
    labelNames: ['projection', 'state'],
    registers: [registry],
    collect: METRICS.guard(() => {
      for (const status of statuses()) {
        const { name } = status;
        const state = silentForMs(status, Date.now()) > 0 ? 'silent' : status.state;
        for (const each of STATES) states.set({ projection: name, state: each }, each === state ? 1 : 0);
      }
    }),
  });
};
