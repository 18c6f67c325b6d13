import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#libs/platform/child-environment.js';
import { UsageMeter } from '../measure/process-usage.js';
import type { Usage } from '../measure/process-usage.js';
import type { LoadInterval, LoadPlan, LoadResult, ToParent } from './load-plan.js';

const PROCESS = fileURLToPath(new URL('./load.process.js', import.meta.url));

export type Measured = Readonly<{ load: LoadResult; usage: readonly Usage[] }>;

type Watching = Readonly<{
  onInterval?(interval: LoadInterval): void;
  /** Ends the load early, as if its process had failed. */
  signal?: AbortSignal;
}>;

/**
 * Carries out a plan in a separate process, and meanwhile measures that process and the server's processes.
 * @throws Error when that process ended before it was done
 */
export const runLoad = async (
  plan: LoadPlan,
  serverPids: () => readonly number[],
  { onInterval, signal }: Watching = {},
): Promise<Measured> => {
  // In JSON, a percentile of no samples (NaN) would become null, and null is less than any limit.
  const child = fork(PROCESS, { env: childEnvironment(), serialization: 'advanced' });
  const server = new UsageMeter(serverPids);
  const generator = new UsageMeter(() => [child.pid!]);
  let usage: Usage[] | undefined;
  const stopMeters = (): void => {
    usage ??= [
      ...server.stopMeter(),
      ...generator.stopMeter().map((reading) => ({ ...reading, process: 'load generator' })),
    ];
  };
  const result = new Promise<LoadResult>((resolve, reject) => {
    child.on('message', (message) => {
      const told = message as ToParent;
      if (told.type === 'done') {
        stopMeters(); // a fast server may be done before the timer fires
        resolve(told.result);
        return;
      }
      if (told.type === 'interval') {
        onInterval?.(told.interval);
        return;
      }
      server.start();
      generator.start();
      setTimeout(stopMeters, plan.seconds * 1_000);
    });
    child.on('exit', (code) => reject(new Error(`The load process ended early (${code})`)));
  });
  const callOff = (): void => void child.kill();
  signal?.addEventListener('abort', callOff, { once: true });
  child.send(plan);
  try {
    return { load: await result, usage: usage ?? [] };
  } finally {
    signal?.removeEventListener('abort', callOff);
  }
};
