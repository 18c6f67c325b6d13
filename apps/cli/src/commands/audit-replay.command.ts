import { once } from 'node:events';
import { Command } from 'commander';
import { withReplayOptions, replayPath, type ReplayOptions } from '../audit/replay-query.js';
import { CommandFailed } from '../command-failed.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Options = ServerOptions & ReplayOptions & { after?: string; follow?: boolean };

/** `verbatim audit replay`: prints events to standard output, one per line. */
export const auditReplayCommand = (): Command =>
  withServerOptions(withReplayOptions(new Command('replay')))
    .description('print events as they are stored, one per line')
    .option('--after <position>', 'continue after the event at this position')
    .option('--follow', 'keep printing new events, until Ctrl-C')
    .action(async ({ after, follow = false, ...options }: Options) => {
      const more = { ...(after === undefined ? {} : { after }), ...(follow ? { follow: 'true' } : {}) };
      const { body } = await adminClient(options).stream(replayPath(options, more));
      try {
        for await (const chunk of body ?? []) {
          if (!process.stdout.write(chunk as Uint8Array)) await once(process.stdout, 'drain');
        }
      } catch {
        throw new CommandFailed('The replay was cut off before its end; continue it with --after');
      }
    });
