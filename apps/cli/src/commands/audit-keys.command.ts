import { Command } from 'commander';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';
import { CommandFailed } from '../command-failed.js';

type Changed = Readonly<{ from: string; to: string; size: number }>;

/** `verbatim audit rotate-key`: has another key sign the audit log, with the old key's signature. */
export const auditRotateKeyCommand = (): Command =>
  withServerOptions(new Command('rotate-key'))
    .description('have a new key sign the audit log from now on, signed by the old one (as admin)')
    .action(async (options: ServerOptions) => {
      const changed = await changeKey(options, 'rotate');
      print(options, changed, [
        `The audit log is signed with a new key from ${changed.size} leaves on:`,
        changed.to,
        'The change is in the log, signed by both keys, so whoever knows the old one can follow it',
        '(GET /v1/audit/log/keys). Copy signing.key to the other processes with the role audit, tell',
        'the new key to witnesses, and destroy copies of the old one.',
      ]);
    });

type ReplaceOptions = ServerOptions & Readonly<{ lost?: boolean }>;

/** `verbatim audit replace-key`: has the audit log go on when its key is lost. */
export const auditReplaceKeyCommand = (): Command =>
  withServerOptions(new Command('replace-key'))
    .description('have the audit log go on under a new name and key, because its key is lost (as admin)')
    .option('--lost', 'the key is lost: there is no copy of signing.key anywhere')
    .action(async ({ lost = false, ...options }: ReplaceOptions) => {
      if (!lost)
        throw new CommandFailed(
          'Look for a copy of signing.key first. With --lost the log gets another key, which no signature ties to the old one',
        );
      const changed = await changeKey(options, 'replace');
      print(options, changed, [
        `The audit log goes on from ${changed.size} leaves under another name and key:`,
        changed.to,
        'What can still be proven: all events are in the same tree, so a checkpoint of the lost key',
        'that somebody kept can be compared with the new ones.',
        'What can not: that the new key is that of this log. No signature of the lost key says so, and',
        'whoever could write to the log could have done the same. Tell the new key to everybody who',
        'verifies, on another way. For witnesses this is a new log.',
      ]);
    });

const changeKey = (options: ServerOptions, kind: 'rotate' | 'replace'): Promise<Changed> =>
  adminClient(options).request<Changed>('POST', `/v1/audit/log/keys/${kind}`);

const print = ({ json }: ServerOptions, changed: Changed, words: readonly string[]): void =>
  void process.stdout.write(`${json ? JSON.stringify(changed) : words.join('\n')}\n`);
