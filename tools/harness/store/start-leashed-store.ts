import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LEASH } from './store-command.js';

type Running = Readonly<{ port: number; url: string; exited: Promise<string>; stop(): Promise<void> }>;

/**
 * Starts the store given to the tests. `verbatim start` calls this in place of its own function of the same name
 * (`package.json`, "imports"). The store is then managed like the embedded one: it uses the same folder, and the same keeper
 * kills it and starts it again.
 */
export const startEventStoreProcess = async (dataDir: string, port: number | undefined): Promise<Running> => {
  // In a session of its own, so that Ctrl-C reaches only the processes that stop it in order.
  const child = spawn(process.execPath, [LEASH, '--data', dataDir, '--port', String(port ?? 0)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // the process is already gone
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
