import { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import { recoverAdminKey } from '../client/recover-admin-key.js';

/**
 * `verbatim key recover`: creates a new admin key for whoever may write to the data folder, for when no admin
 * key is left. It contacts no server: the next start makes the key known.
 */
export const keyRecoverCommand = (): Command =>
  new Command('recover')
    .description('put a new admin key into the data folder of this machine; the next start accepts it')
    .option('--json', 'answer in JSON')
    .action(({ json }: { json?: boolean }) => {
      const recovered = recoverAdminKey(loadSettings(process.env));
      const { keyId, file, before } = recovered;
      process.stdout.write(
        json
          ? `${JSON.stringify(recovered)}\n`
          : [
              `A new admin key, ${keyId}, is in ${file}.`,
              ...(before === undefined ? [] : [`The previous key is kept in ${before}.`]),
              'Restart the server (npm start), which makes the key known to the log. Then list the keys with',
              '`verbatim key list`, and revoke those you do not want with `verbatim key revoke`.',
              '',
            ].join('\n'),
      );
    });
