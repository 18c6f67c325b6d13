import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import { waitFor } from '#tools/harness/wait-for.js';

export type VerifyRun = Readonly<{ events: number; seconds: number; peakMiB: number }>;

type Report = Readonly<{ result: string; why?: string; seconds: number; log?: { events: number } }>;

/** What `verbatim audit verify` needs of a running system with the role `audit`. */
export type Verified = Readonly<{ main: string; url: string; key: string }>;

const WITHIN_MS = 600_000;

/** Returns the largest memory that a process had so far, in MiB; 0 when it has ended. */
export const peakOf = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
};

/** Forgets the largest memory that a process had so far, so that only what comes counts. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Writes the newest checkpoint to a file, once a checkpoint covers the whole log. */
export const keepCheckpoint = async ({ url, key }: Verified, file: string, events: number): Promise<void> => {
  const headers = { authorization: `Bearer ${key}` };
  const text = await waitFor(
    'a checkpoint of the whole log',
    async () => {
      const response = await fetch(`${url}/v1/audit/log/checkpoint`, { headers });
      const note = await response.text();
      return response.ok && Number(note.split('\n')[1]) >= events ? note : undefined;
    },
    WITHIN_MS,
    250,
  );
  await writeFile(file, text);
};

/** Runs `verbatim audit verify` and resolves with its own figures. @throws Error unless it says "verified" */
export const runVerify = async (
  { main, url, key }: Verified,
  args: readonly string[],
  report: string,
): Promise<VerifyRun> => {
  const command = [process.execPath, main, 'audit', 'verify', ...args, '--json', report];
  const running = new RunningProcess(command, { ...process.env, VERBATIM_URL: url, VERBATIM_KEY: key });
  let peakMiB = 0;
  const look = setInterval(() => (peakMiB = Math.max(peakMiB, peakOf(running.pid))), 20);
  const { code } = await running.exitWithin(WITHIN_MS).finally(() => clearInterval(look));
  if (code !== 0) throw new Error(`It failed: ${running.output()}`);
  const { seconds, log } = JSON.parse(await readFile(report, 'utf8')) as Report;
  await rm(report);
  return { events: log!.events, seconds, peakMiB };
};
