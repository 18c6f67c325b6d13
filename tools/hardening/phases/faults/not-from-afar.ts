import { notRun } from '../../report/judge.js';
import type { Played } from './carry-out.js';

const WHY = 'The server was not started by this run: its processes are not ours to kill';

/** Instead of what needs the processes of the stores. */
export const storesFromAfar = (): Played => ({
  did: 'Taking PostgreSQL and the event store away was left out.',
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

/** Instead of what needs all processes of the system. */
export const restartFromAfar = (): Played => ({
  did: 'Killing and restarting everything was left out.',
  rows: [
    notRun({
      id: 'faults.e.recovery',
      what: 'SIGKILL to every process: until the first post is acknowledged again',
      target: '< 5,000 ms',
      predecessor: '45 s',
      why: WHY,
    }),
  ],
});
