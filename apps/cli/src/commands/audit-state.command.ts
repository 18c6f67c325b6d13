import { Command } from 'commander';
import { printable } from '../printable.js';
import { subjectLine, toldLine, toldOf } from '../audit/state-lines.js';
import { placeTyped, statesAt } from '../audit/states-at.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Options = ServerOptions & { at?: string; export?: string };

/** `verbatim audit state`: what was there at a place in the log. */
export const auditStateCommand = (): Command =>
  withServerOptions(new Command('state'))
    .description('say what there was at a position or time: channels, members, bots, keys')
    .option('--at <place>', 'up to this position or time, inclusive (default: the end of the log)')
    .option('--export <file>', 'read this whole export in the format ndjson instead of asking the server')
    .action(async (options: Options) => {
      const { at, export: file } = options;
      const place = at === undefined ? undefined : placeTyped('--at', at);
      const [state] = await statesAt(file ?? adminClient(options), [place]);
      const told = toldOf(state!);
      const subjects = state!.subjects().toSorted((a, b) => (subjectLine(a) < subjectLine(b) ? -1 : 1));
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ...told, subjects })}\n`
          : `${[toldLine(told), ...subjects.map(subjectLine)].map(printable).join('\n')}\n`,
      );
    });
