import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { CommandFailed } from '../command-failed.js';
import { troubles, wordsOfCheck, wordsOfRepair } from './event-store-report.js';

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

/**
 * `verbatim event-store check`: reads a whole log that no store is running on, without changing it. Exit code
 * 1 if it is damaged.
 */
export const eventStoreCheckCommand = (setExitCode: (code: number) => void): Command =>
  new Command('check')
    .description('check every byte of a log that is not in use (checksums, chain, index); changes nothing')
    .option('--json', 'the findings as one line of JSON')
    .action(async (_options, command: Command) => {
      const { data, json } = command.optsWithGlobals<Options>();
      const folder = resolve(data);
      // Loaded only here, because the other commands need none of it.
      const { checkLog } = await import('#libs/embedded-event-store/check/log-check.js');
      const { indexTrouble } = await import('#libs/embedded-event-store/storage/prepare-index.js');
      await refuseIfInUse(folder);
      const check = checkLog(folder, { onProgress: progress() });
      await refuseIfInUse(folder);
      const index = await indexTrouble(join(folder, 'index.mdb'));
      const report = { ...check, segments: undefined, troubles: troubles(check, index) };
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : wordsOfCheck(folder, check, index));
      setExitCode(check.damages.length === 0 ? 0 : 1);
    });

/** `verbatim event-store repair`: copies everything intact of a log into another folder. */
export const eventStoreRepairCommand = (): Command =>
  new Command('repair')
    .description('copy everything intact of a damaged log into another folder, and report what is lost')
    .requiredOption('--into <folder>', 'a new or empty folder for the copy')
    .option('--json', 'the report as one line of JSON')
    .action(async (_options, command: Command) => {
      const { data, into, json } = command.optsWithGlobals<Options & { into: string }>();
      const { NotEmpty, repairLog } = await import('#libs/embedded-event-store/check/repair-log.js');
      await refuseIfInUse(resolve(data));
      try {
        const repair = await repairLog(resolve(data), resolve(into), { onProgress: progress() });
        const { before, after, lost } = repair;
        const report = { damages: before.damages, ...lost, records: after.records, end: after.end };
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : wordsOfRepair(resolve(into), repair));
      } catch (error) {
        if (error instanceof NotEmpty) throw new CommandFailed(error.message);
        throw error;
      }
    });

const refuseIfInUse = async (folder: string): Promise<void> => {
  const { folderTrouble } = await import('#libs/embedded-event-store/storage/data-folder.js');
  const trouble = folderTrouble(folder);
  if (trouble !== undefined) throw new CommandFailed(trouble);
};

/** Returns a progress display if standard error is a terminal. Standard output is left to the answer. */
const progress = (): ((done: number, all: number) => void) | undefined =>
  process.stderr.isTTY
    ? (done, all) => process.stderr.write(`\r${done} of ${all} files${done === all ? '\n' : ''}`)
    : undefined;
