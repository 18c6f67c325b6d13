import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { UnfitInput } from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import type { Verification, VerificationResult } from '#libs/audit-verify/verification.js';
import { progressLine, type Progress } from '../audit/progress.js';
import { verifyExport } from '../audit/verify-export.js';
import { readKept, type Kept } from '../audit/verify-inputs.js';
import { verifyOnServer } from '../audit/verify-on-server.js';
import { pageOf } from '../audit/verify-page.js';
import { compareReadModels } from '../audit/verify-read-models.js';
import { resultOf, wordsOf, type ComparedReadModel, type VerifyReport } from '../audit/verify-report.js';
import { CommandFailed } from '../command-failed.js';
import { adminClient } from './server-options.js';

type VerifyOptions = {
  url?: string;
  keyFile?: string;
  export?: string;
  checkpoint: readonly string[];
  key?: string;
  readModels?: boolean;
  json?: string;
  html?: string;
};

const EXIT_CODES: Readonly<Record<VerificationResult, number>> = {
  verified: 0,
  not_verified: 1,
  not_judged: 2,
};

const also = (file: string, before: readonly string[]): readonly string[] => [...before, file];

/** `verbatim audit verify`: says whether a log is the one that was signed. */
export const auditVerifyCommand = (setExitCode: (code: number) => void): Command =>
  new Command('verify')
    .description(
      'check that the log is the one that was signed (exit code 0: verified, 1: not verified, 2: could not be judged)',
    )
    .option('--checkpoint <file>', 'a signed checkpoint that you kept; may be given again', also, [])
    .option('--key <key>', "the log's public key that you kept, as text or in a file")
    .option('--export <file>', 'verify a whole export of a log on this machine, without a server')
    .option('--read-models', 'also compare the read models with the log (as admin)')
    .option('--json <file>', 'write the report as JSON')
    .option('--html <file>', 'write the report as a page')
    .option('--url <url>', 'address of the server (default: VERBATIM_URL, else this machine)')
    .option(
      '--key-file <file>',
      'file with the key to present, - for standard input (default: VERBATIM_KEY, else the one kept in the data folder)',
    )
    .action(async (options: VerifyOptions) => {
      const report = await verify(options);
      process.stdout.write(wordsOf(report));
      try {
        if (options.json !== undefined) await write(options.json, `${JSON.stringify(report, null, 2)}\n`);
        if (options.html !== undefined) await write(options.html, pageOf(report));
        setExitCode(EXIT_CODES[report.result]);
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        process.stderr.write(`${error.message}\n`);
        setExitCode(EXIT_CODES.not_judged);
      }
    });

type Verified = Readonly<{ log?: Verification; readModels?: readonly ComparedReadModel[] }>;

/** Whatever keeps it from a judgement becomes a report that says so. */
const verify = async (options: VerifyOptions): Promise<VerifyReport> => {
  const began = performance.now();
  const report = (found: Verified, why?: string): VerifyReport => ({
    result: why === undefined ? resultOf(found.log, found.readModels) : worst(found),
    at: new Date().toISOString(),
    seconds: Math.round(performance.now() - began) / 1_000,
    source: options.export ?? 'the event store of the server',
    ...(why !== undefined && { why }),
    ...found,
  });
  let found: Verified = {};
  try {
    const kept = await readKept(options.key, options.checkpoint);
    const client = options.export === undefined ? adminClient(serverOf(options)) : undefined;
    found = { log: await logOf(options, kept, client) };
    if (options.readModels === true && client)
      found = { ...found, readModels: await compareReadModels(client, showCompared) };
    return report(found);
  } catch (error) {
    return report(found, (error as Error).message);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
};

const serverOf = ({ url, keyFile }: VerifyOptions): Pick<VerifyOptions, 'url' | 'keyFile'> => ({
  ...(url !== undefined && { url }),
  ...(keyFile !== undefined && { keyFile }),
});

/** What is wrong stays wrong, whatever happened later. */
const worst = ({ log }: Verified): VerificationResult =>
  log?.result === 'not_verified' ? 'not_verified' : 'not_judged';

const logOf = async (
  { export: file, readModels }: VerifyOptions,
  kept: Kept,
  client: ReturnType<typeof adminClient> | undefined,
): Promise<Verification> => {
  if (client) return verifyOnServer(client, kept, showProgress());
  if (readModels === true) throw new UnfitInput('An export has no read models');
  if (kept.held.length === 0)
    throw new UnfitInput('An export shows nothing without a checkpoint that was kept: give --checkpoint');
  return verifyExport(file!, kept, showProgress());
};

const SHOW_MS = 250;

const showProgress = (): ((progress: Progress) => void) => {
  let shownAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (!process.stderr.isTTY || performance.now() - shownAt < SHOW_MS) return;
    shownAt = performance.now();
    process.stderr.write(`\r${progressLine(progress)}\u001b[K`);
  };
};

const showCompared = (done: number, all: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} read models compared\u001b[K`);
};

const write = async (file: string, text: string): Promise<void> => {
  await writeFile(file, text, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${file} can't be written (${error.code})`);
  });
};
