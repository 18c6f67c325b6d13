import { Command } from 'commander';
import { exportEvents } from '../audit/export-events.js';
import { progressLine } from '../audit/progress.js';
import { withReplayOptions, type ReplayOptions } from '../audit/replay-query.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type ExportOptions = ServerOptions & ReplayOptions & { out: string; compress?: boolean };

/** `verbatim audit export`: writes events to a file, and continues an interrupted export. */
export const auditExportCommand = (): Command =>
  withServerOptions(withReplayOptions(new Command('export')))
    .description('write events to a file, or continue an interrupted export')
    .requiredOption('--out <file>', 'created, or continued after its last complete line')
    .option('--compress', 'compress the transfer; the file is the same')
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
