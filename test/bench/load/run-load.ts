import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UsageMeter } from '../harness/process-usage.js';
import type { Usage } from '../harness/process-usage.js';
import type { LoadPlan, LoadResult, ToParent } from './load-plan.js';

const processFile = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

export type Measured = Readonly<{ load: LoadResult; usage: readonly Usage[] }>;

/** Carries out a plan in a process of its own, and measures the server's processes (and that one) meanwhile. */
export const runLoad = async (plan: LoadPlan, serverPids: () => readonly number[]): Promise<Measured> => {
  const child = fork(processFile('load.process'));
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

export type BareServer = Readonly<{ url: string; pid: number; stop(): void }>;

export const startBareServer = async (env: Readonly<Record<string, string>> = {}): Promise<BareServer> => {
  const child = fork(processFile('bare-server.process'), { env: { ...process.env, ...env } });
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, pid: child.pid!, stop: () => child.kill() };
};
