import { Argument, Command } from 'commander';
import { keyMakeCommand } from './key-make.command.js';
import { keyRecoverCommand } from './key-recover.command.js';
import { keyRevokeTokensCommand } from './key-revoke-tokens.command.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Issued = Readonly<{ role: string; keyId: string; key: string; expiresAt?: string }>;
type Item = Readonly<
  { keyId: string; role: string; status: string; issuedAt: string } & Record<string, string>
>;

/** `verbatim key …`: manages the keys of people, who are admins or auditors. */
export const keyCommand = (): Command => {
  const key = new Command('key').description('create, list and revoke keys for people (as admin)');
  const commands = [
    createCommand(),
    listCommand(),
    revokeCommand(),
    keyRevokeTokensCommand(),
    keyMakeCommand(),
    keyRecoverCommand(),
  ];
  for (const command of commands) key.addCommand(command.exitOverride());
  return key;
};

const createCommand = (): Command =>
  withServerOptions(new Command('create'))
    .description('create a key and show it')
    .addArgument(new Argument('<role>', 'the role of its owner').choices(['admin', 'auditor']))
    .option('--expires <time>', 'when it expires, like 2027-01-31 or 2027-01-31T18:00:00Z (default: never)')
    .action(async (role: string, { expires, ...options }: ServerOptions & { expires?: string }) => {
      const body = { role, ...(expires === undefined ? {} : { expiresAt: expires }) };
      const issued = await adminClient(options).request<Issued>('POST', '/v1/keys', body);
      const until = issued.expiresAt === undefined ? '' : ` It expires at ${issued.expiresAt}.`;
      process.stdout.write(
        options.json
          ? `${JSON.stringify(issued)}\n`
          : `The key ${issued.keyId} (${role}) is shown only once:\n\n  ${issued.key}\n\n${until && `${until.trim()}\n`}`,
      );
    });

const listCommand = (): Command =>
  withServerOptions(new Command('list'))
    .description('list all keys of people; no key is shown, only its id')
    .action(async (options: ServerOptions) => {
      const { items } = await adminClient(options).request<{ items: readonly Item[] }>('GET', '/v1/keys');
      for (const item of items) process.stdout.write(`${options.json ? JSON.stringify(item) : line(item)}\n`);
    });

const line = (item: Item): string =>
  [
    `${item.keyId}  ${item.role.padEnd(7)}  ${item.status.padEnd(7)}`,
    `issued ${item.issuedAt} by ${item['issuedBy'] ?? 'the server'}`,
    ...(item['expiresAt'] === undefined ? [] : [`expires ${item['expiresAt']}`]),
    ...(item['revokedAt'] === undefined
      ? []
      : [`revoked ${item['revokedAt']} by ${item['revokedBy'] ?? 'the server'}`]),
  ].join('  ');

const revokeCommand = (): Command =>
  withServerOptions(new Command('revoke'))
    .description('revoke a key and close what it has open')
    .argument('<keyId>', 'its id, as `verbatim key list` shows it')
    .option('--force', 'revoke even the last valid admin key')
    .action(async (keyId: string, { force = false, ...options }: ServerOptions & { force?: boolean }) => {
      const path = `/v1/keys/${encodeURIComponent(keyId)}${force ? '?force=true' : ''}`;
      await adminClient(options).request<undefined>('DELETE', path);
      process.stdout.write(
        options.json ? `${JSON.stringify({ keyId, revoked: true })}\n` : `The key ${keyId} is revoked.\n`,
      );
    });
