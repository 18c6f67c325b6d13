import { Command } from 'commander';
import { changesBetween } from '#libs/time-travel/state-diff.js';
import { printable } from '../printable.js';
import { changeLine, toldLine, toldOf } from '../audit/state-lines.js';
import { placeTyped, statesAt } from '../audit/states-at.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Options = ServerOptions & { from: string; to?: string; export?: string };

/** `verbatim audit diff`: what changed between two places in the log. */
export const auditDiffCommand = (): Command =>
  withServerOptions(new Command('diff'))
    .description('say what changed between two positions or times: channels, members, bots, keys')
    .requiredOption('--from <place>', 'the earlier position or time, inclusive')
    .option('--to <place>', 'the later position or time, inclusive (default: the end of the log)')
    .option('--export <file>', 'read this whole export in the format ndjson instead of asking the server')
    .action(async (options: Options) => {
      const { from, to, export: file } = options;
      const later = to === undefined ? undefined : placeTyped('--to', to);
      const places = [placeTyped('--from', from), later];
      const [before, after] = await statesAt(file ?? adminClient(options), places);
      const changes = changesBetween(before!, after!);
      const told = { from: toldOf(before!), to: toldOf(after!) };
      const lines = [`from ${toldLine(told.from)}`, `to ${toldLine(told.to)}`, ...changes.map(changeLine)];
      process.stdout.write(
        options.json ? `${JSON.stringify({ ...told, changes })}\n` : `${lines.map(printable).join('\n')}\n`,
      );
    });
