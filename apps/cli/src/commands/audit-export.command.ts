import { Command } from 'commander';
import { exportEvents } from '../audit/export-events.js';
import { progressLine } from '../audit/progress.js';
import { withReplayOptions, type ReplayOptions } from '../audit/replay-query.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type ExportOptions = ServerOptions & ReplayOptions & { out: string; compress?: boolean };

/** `verbatim audit export`: events into a file; one that was interrupted is gone on with. */
export const auditExportCommand = (): Command =>
  withServerOptions(withReplayOptions(new Command('export')))
    .description('write events into a file, going on with one that was interrupted')
    .requiredOption('--out <file>', 'made, or gone on with after its last whole line')
    .option('--compress', 'compress on the way; the file is the same')
    .action(async ({ out, json = false, compress = false, ...options }: ExportOptions) => {
      const terminal = process.stderr.isTTY && !json;
      const exported = await exportEvents(adminClient(options), out, options, {
        compress,
        onProgress: (progress) => {
          if (json) process.stdout.write(`${JSON.stringify(progress)}\n`);
          else if (terminal) process.stderr.write(`\r${progressLine(progress)}\u001b[K`);
        },
      });
      if (terminal) process.stderr.write('\r\u001b[K');
      process.stdout.write(
        json
          ? `${JSON.stringify(exported)}\n`
          : `${exported.events} events written to ${out} in ${exported.seconds} s\n`,
      );
    });
