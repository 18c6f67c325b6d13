import { Argument, Command } from 'commander';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Issued = Readonly<{ role: string; keyId: string; key: string }>;

/** `verbatim key create <role>`: a key for a person, shown this once. */
export const keyCommand = (): Command =>
  new Command('key').description('make keys for people (as admin)').addCommand(
    withServerOptions(new Command('create'))
      .description('make a key and show it')
      .addArgument(new Argument('<role>', 'what it is for').choices(['admin', 'auditor']))
      .action(async (role: string, options: ServerOptions) => {
        const issued = await adminClient(options).request<Issued>('POST', '/v1/keys', { role });
        process.stdout.write(
          options.json
            ? `${JSON.stringify(issued)}\n`
            : `The key ${issued.keyId} (${role}) is shown this once:\n\n  ${issued.key}\n\n`,
        );
      })
      .exitOverride(),
  );
