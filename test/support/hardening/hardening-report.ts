import { passed } from '#tools/hardening/report/judge.js';
import type { HardeningReport } from '#tools/hardening/report/hardening-report.js';
import { edgesPhase, faultsPhase } from './faulty-phases.js';
import { capacityPhase, loadPhase, soakPhase } from './loaded-phases.js';

/** Returns a report as a run of 30 minutes could give it, with all phases. None of its figures were measured. */
export const hardeningReport = (fields: Partial<HardeningReport> = {}): HardeningReport => {
  const phases = fields.phases ?? [loadPhase(), faultsPhase(), edgesPhase(), soakPhase(), capacityPhase()];
  return {
    format: 1,
    version: '0.1.0',
    startedAt: '2026-11-26T18:00:12.345Z',
    endedAt: '2026-11-26T19:22:40.001Z',
    minutes: 30,
    planted: [],
    machine: {
      cores: 2,
      cpu: 'AMD EPYC 7B13',
      memoryMiB: 24_105,
      kernel: 'Linux 6.18.5',
      node: '20.20.2',
      loadAverage: 0.31,
    },
    phases,
    passed: passed(phases),
    ...fields,
  };
};
