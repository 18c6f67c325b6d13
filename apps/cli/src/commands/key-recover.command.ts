import { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import { recoverAdminKey } from '../client/recover-admin-key.js';

/**
 * `verbatim key recover`: a new admin key for whoever may write to the data folder, for when none is to be had. It talks
 * to no server: the next start makes the key known.
 */
export const keyRecoverCommand = (): Command =>
  new Command('recover')
    .description('put a new admin key into the data folder of this machine; the next start lets it in')
    .option('--json', 'answer in JSON')
    .action(({ json }: { json?: boolean }) => {
      const recovered = recoverAdminKey(loadSettings(process.env));
      const { keyId, file, before } = recovered;
      process.stdout.write(
        json
          ? `${JSON.stringify(recovered)}\n`
          : [
              `A new admin key, ${keyId}, is in ${file}.`,
              ...(before === undefined ? [] : [`The one that was there is kept in ${before}.`]),
              'Start the server anew (npm start): it makes the key known to the log. Then see with',
              '`verbatim key list` which keys there are, and end those you do not want with `verbatim key revoke`.',
              '',
            ].join('\n'),
      );
    });
