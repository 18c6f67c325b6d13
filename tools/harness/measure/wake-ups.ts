import { readFileSync, readdirSync } from 'node:fs';

/** Returns how often the threads of these processes have gone to sleep so far, and so how often they were woken. */
export const wakeUpsOf = (pids: readonly number[]): number =>
  pids.flatMap(statusesOf).reduce((sum, status) => sum + switchesIn(status), 0);

const statusesOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) =>
      readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'),
    );
  } catch {
    return []; // it has just ended
  }
};

const switchesIn = (status: string): number =>
  Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
