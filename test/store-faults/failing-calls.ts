import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreProcess } from './store-process.js';

export interface Fault {
  /** System calls by name, with commas between them. */
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC' | 'EMFILE';
  /** Which of the calls fail, in strace's words: `3` the third, `1+` all. */
  readonly when: string;
  /** Another fault at the same time. */
  readonly and?: Fault;
}

/** The position at which a log begins. */
const LOG_START = 256;

/** The file of the segment that begins after so many bytes of the log. */
export const segmentName = (after: number): string =>
  `events-${String(LOG_START + after).padStart(16, '0')}.log`;

/** The log's first file: a new store makes it for an event of its own. */
export const FIRST_SEGMENT = segmentName(0);
export const INDEX = 'index.mdb';

/**
 * Makes system calls of a process that concern its data folder fail, by strace(1). Calls are counted for each
 * thread from the moment of attaching on.
 */
export class FailingCalls {
  private constructor(
    private readonly strace: ChildProcess,
    private readonly trace: string,
  ) {}

  /** Calls that concern these files fail; by default any of the data folder. */
  static async of(store: StoreProcess, fault: Fault, files?: readonly string[]): Promise<FailingCalls> {
    const trace = join(tmpdir(), `verbatim-strace-${store.pid}-${Math.random().toString(36).slice(2)}`);
    const args = ['-p', String(store.pid), '-o', trace, ...injection(store.dataDir, fault, files)];
    const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    for await (const piece of strace.stderr) {
      said += String(piece);
      if (!said.includes('attached')) continue;
      strace.stderr.resume();
      return new FailingCalls(strace, trace);
    }
    throw new Error(`strace did not attach: ${said}`);
  }

  /** How many were made to fail so far. */
  async made(): Promise<number> {
    return (await readFile(this.trace, 'utf8')).split('(INJECTED)').length - 1;
  }

  /** Lets the calls succeed again and says how many were made to fail. */
  async end(): Promise<number> {
    const ended = once(this.strace, 'exit');
    this.strace.kill('SIGINT');
    await ended;
    const made = await this.made();
    await rm(this.trace);
    return made;
  }
}

/** Arguments for strace: calls that concern these files of a data folder fail. */
export const injection = (
  dataDir: string,
  fault: Fault,
  files: readonly string[] = ['', INDEX, FIRST_SEGMENT],
): string[] => {
  const faults = [fault, ...(fault.and ? [fault.and] : [])];
  return [
    '-f',
    ...files.flatMap((name) => ['-P', join(dataDir, name)]),
    '-e',
    `trace=${faults.map(({ calls }) => calls).join()}`,
    ...faults.flatMap(({ calls, error, when }) => ['-e', `inject=${calls}:error=${error}:when=${when}`]),
  ];
};
