import { once } from 'node:events';
import { Command } from 'commander';
import { withReplayOptions, replayPath, type ReplayOptions } from '../audit/replay-query.js';
import { CommandFailed } from '../command-failed.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Options = ServerOptions & ReplayOptions & { after?: string; follow?: boolean };

/** `verbatim audit replay`: events to standard output, one a line. */
export const auditReplayCommand = (): Command =>
  withServerOptions(withReplayOptions(new Command('replay')))
    .description('print events as they are stored, one a line')
    .option('--after <position>', 'go on after the event at this position')
    .option('--follow', 'go on with what is appended, until Ctrl-C')
    .action(async ({ after, follow = false, ...options }: Options) => {
      const more = { ...(after === undefined ? {} : { after }), ...(follow ? { follow: 'true' } : {}) };
      const { body } = await adminClient(options).stream(replayPath(options, more));
      try {
        for await (const chunk of body ?? []) {
          if (!process.stdout.write(chunk as Uint8Array)) await once(process.stdout, 'drain');
        }
      } catch {
        throw new CommandFailed('The replay was cut off: this is not all of it; go on with --after');
      }
    });
