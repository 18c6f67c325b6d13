import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import {
  accessOfNode,
  connectionStringFor,
  keepAccess,
  type StoreAccess,
} from '#libs/embedded-event-store/access/store-access.js';
import { childEnvironment } from '#libs/platform/child-environment.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { StartRefused } from '../start-refused.js';
import type { RunningEngine } from './engine-keeper.js';
import type { DamagedPlace, StoreDamages } from './store-damages.js';
import { endsWithin } from '#libs/time/deadline.js';

const MAIN = createRequire(import.meta.url).resolve('#libs/embedded-event-store/main.js');
const HOST = '127.0.0.1';

/**
 * A message of the store on its standard output, one per line. That it cannot write is reported on stderr as
 * well.
 */
type Said = Readonly<{ port?: number; damaged?: DamagedPlace }>;

/** Milliseconds that an orderly stop may take after the signal. */
const STOP_DEADLINE_MS = 10_000;

/** The credentials of a store, kept over its restarts because our own connections know no others. */
export type KnownAccess = { access?: StoreAccess };

/**
 * Starts the embedded event store as a process of its own, in a session of its own, so that Ctrl-C reaches
 * only this process. It ends when its standard input closes, which happens however this process dies. After a
 * restart it has the credentials in `known`, whatever became of their files meanwhile.
 *
 * @throws StartRefused with the last line that it wrote
 */
export const startEventStoreProcess = async (
  dataDir: string,
  port: number | undefined,
  logger: Logger,
  known: KnownAccess,
  damages?: StoreDamages,
): Promise<RunningEngine> => {
  if (known.access) keepAccess(dataDir, known.access);
  const args = [MAIN, '--data', dataDir, '--host', HOST, '--port', String(port ?? 0), '--secure'];
  const child = spawn(process.execPath, [...args, '--with-parent'], {
    detached: true,
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // the process is already gone
  const words: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    logger.warn({ component: 'event-store' }, line);
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  const ready = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { port: bound, damaged } = JSON.parse(line) as Said;
      if (damaged) damages?.addPlace(damaged);
      if (bound !== undefined) resolve(bound);
    });
  });
  const outcome = await Promise.race([ready, exited]);
  if (typeof outcome === 'string') {
    throw new StartRefused(
      `The event store did not start: ${words.at(-1)?.replace(/^event store: /, '') ?? outcome}`,
    );
  }
  known.access ??= accessOfNode(dataDir);
  return {
    port: outcome,
    url: connectionStringFor(dataDir, outcome, known.access),
    exited,
    stop: () => stop(child, exited),
  };
};

const stop = async (child: ChildProcess, exited: Promise<string>): Promise<void> => {
  child.kill('SIGTERM');
  if (!(await endsWithin(STOP_DEADLINE_MS, exited))) child.kill('SIGKILL');
  await exited;
};
