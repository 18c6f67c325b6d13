import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { freePort } from '#libs/platform/free-port.js';
import { ProcessTree } from '../processes/process-tree.js';
import { givenStoreCommand, storeCommandLine } from './store-command.js';

/** Milliseconds from the first signal until the store is killed. The process that waits for us waits 10 s. */
const STOP_DEADLINE_MS = 8_000;
/** Number of output lines that are kept to explain why the store ended. */
const LAST_WORDS = 10;

/**
 * Runs the store given to the tests on a leash: `leashed-store.process.js --data <folder> --port <n, 0: any>`. Prints
 * `{"ready":true,"port":n}` once the store does, and nothing else of its output, because servers print a lot. Ends with the
 * store, with its exit code and its last lines on stderr. Ends the store on SIGTERM and when stdin ends, which happens
 * however the process that started us dies.
 */
const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, port: { type: 'string' } },
    strict: false,
  });
  const command = givenStoreCommand();
  if (command === undefined) throw new Error('No command for a store was given');
  const port = Number(values['port']) || (await freePort());
  const [shell, ...args] = storeCommandLine(command, String(values['data']), port);
  const store = spawn(shell!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    store.kill('SIGTERM');
    const tree = new ProcessTree(store.pid!);
    setTimeout(() => tree.kill(), STOP_DEADLINE_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.stdin.on('end', stop).on('error', stop).resume();
  process.stdout.on('error', stop); // nobody reads our output any more
  const words: string[] = [];
  const hear = (line: string): void => {
    words.push(line);
    if (words.length > LAST_WORDS) words.shift();
  };
  createInterface({ input: store.stderr }).on('line', hear);
  createInterface({ input: store.stdout }).on('line', (line) => {
    if (isReadyLine(line)) process.stdout.write(`${line}\n`);
    else hear(line);
  });
  store.on('close', (code, signal) => {
    if (!isStopping)
      process.stderr.write(`${[...words, `ended with ${signal ?? `exit code ${code}`}`].join('\n')}\n`);
    process.exit(isStopping ? 0 : (code ?? 1));
  });
};

/** Whether a line says that the store is ready. */
const isReadyLine = (line: string): boolean => {
  try {
    const { ready, port } = JSON.parse(line) as { ready?: unknown; port?: unknown };
    return ready === true && typeof port === 'number';
  } catch {
    return false;
  }
};

run().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
