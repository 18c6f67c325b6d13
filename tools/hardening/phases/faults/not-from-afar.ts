import { notRun } from '../../report/judge.js';
import type { Played } from './carry-out.js';

const WHY = 'This run did not start the server, so it does not kill its processes';

/** The result for faults that need the processes of the stores, when the server runs elsewhere. */
export const storesFromAfar = (): Played => ({
  did: 'PostgreSQL and the event store were not taken away.',
  rows: [
    notRun({
      id: 'faults.c.postgres',
      what: 'PostgreSQL away: posts go on, reads answer from the last known state',
      target: 'nothing lost',
      why: WHY,
    }),
    notRun({
      id: 'faults.c.store',
      what: 'Event store away: posts wait, are refused past the bound, and none is lost',
      target: 'nothing lost',
      why: WHY,
    }),
  ],
});

/** The result for the fault that needs all processes of the system, when the server runs elsewhere. */
export const restartFromAfar = (): Played => ({
  did: 'The system was not killed and restarted.',
  rows: [
    notRun({
      id: 'faults.e.recovery',
      what: 'SIGKILL to every process: time until the first post is acknowledged again',
      target: '< 5,000 ms',
      predecessor: '45 s',
      why: WHY,
    }),
  ],
});
