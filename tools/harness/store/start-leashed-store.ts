import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LEASH } from './store-command.js';

type Running = Readonly<{ port: number; url: string; exited: Promise<string>; stop(): Promise<void> }>;

/**
 * What `verbatim start` calls in place of its own function of this name while the tests are given another store (`package.json`, "imports"):
 * the store is an engine of its own then, like the embedded one, on the same folder; killed and started again by the same keeper.
 */
export const startEventStoreProcess = async (dataDir: string, port: number | undefined): Promise<Running> => {
  // In a session of its own, so that Ctrl-C reaches only those who stop it in order.
  const child = spawn(process.execPath, [LEASH, '--data', dataDir, '--port', String(port ?? 0)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // it is gone already
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const exited = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(`${words.trim()} (${signal ?? `exit code ${code}`})`));
  });
  const ready = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) =>
      resolve((JSON.parse(line) as { port: number }).port),
    );
  });
  const outcome = await Promise.race([ready, exited]);
  if (typeof outcome === 'string') throw new Error(`The given event store did not start: ${outcome}`);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return { port: outcome, url: `esdb://127.0.0.1:${outcome}?tls=false`, exited, stop };
};
