import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UsageMeter } from '../measure/process-usage.js';
import type { Usage } from '../measure/process-usage.js';
import type { LoadPlan, LoadResult, ToParent } from './load-plan.js';

const PROCESS = fileURLToPath(new URL('./load.process.js', import.meta.url));

export type Measured = Readonly<{ load: LoadResult; usage: readonly Usage[] }>;

/** Carries out a plan in a process of its own, and measures the server's processes (and that one) meanwhile. */
export const runLoad = async (plan: LoadPlan, serverPids: () => readonly number[]): Promise<Measured> => {
  const child = fork(PROCESS);
  const server = new UsageMeter(serverPids);
  const generator = new UsageMeter(() => [child.pid!]);
  let usage: Usage[] | undefined;
  const stopMeters = (): void => {
    usage ??= [
      ...server.stop(),
      ...generator.stop().map((reading) => ({ ...reading, process: 'load generator' })),
    ];
  };
  const result = new Promise<LoadResult>((resolve, reject) => {
    child.on('message', (message) => {
      const told = message as ToParent;
      if (told.type === 'done') {
        stopMeters(); // a server that is level at once is done before the time is over
        resolve(told.result);
        return;
      }
      server.start();
      generator.start();
      setTimeout(stopMeters, plan.seconds * 1_000);
    });
    child.on('exit', (code) => reject(new Error(`The load process ended early (${code})`)));
  });
  child.send(plan);
  return { load: await result, usage: usage ?? [] };
};
