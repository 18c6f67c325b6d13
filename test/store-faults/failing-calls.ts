import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreProcess } from './store-process.js';

export interface Fault {
  /** System calls by name, separated by commas. */
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC' | 'EMFILE';
  /** Which of the calls fail, in strace's notation: `3` is the third, `1+` is all. */
  readonly when: string;
  /** Another fault at the same time. */
  readonly and?: Fault;
}

/** The position at which a log begins. */
const LOG_START = 256;

/** Returns the file name of the segment that begins after this many bytes of the log. */
export const segmentName = (after: number): string =>
  `events-${String(LOG_START + after).padStart(16, '0')}.log`;

/** The log's first file. A new store makes it for its own first event. */
export const FIRST_SEGMENT = segmentName(0);
export const INDEX = 'index.mdb';

/**
 * Uses strace(1) to make system calls of a process fail that concern its data folder. Calls are counted per thread,
 * from the moment strace attaches.
 */
export class FailingCalls {
  private constructor(
    private readonly strace: ChildProcess,
    private readonly trace: string,
  ) {}

  /** Makes calls fail that concern these files, by default any file of the data folder. */
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

  /** Resolves with how many calls were made to fail so far. */
  async made(): Promise<number> {
    return (await readFile(this.trace, 'utf8')).split('(INJECTED)').length - 1;
  }

  /** Lets the calls succeed again. Resolves with how many were made to fail. */
  async end(): Promise<number> {
    const ended = once(this.strace, 'exit');
    this.strace.kill('SIGINT');
    await ended;
    const made = await this.made();
    await rm(this.trace);
    return made;
  }
}

/** Returns the arguments for strace that make calls fail that concern these files of a data folder. */
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
