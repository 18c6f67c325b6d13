import { accessOfNode, connectionStringFor } from '#libs/embedded-event-store/access/store-access.js';
import { freePort } from '#libs/platform/free-port.js';
import { storeSecretsOf } from '../secrets/secrets-of.js';
import { learnSecrets } from '../secrets/told-secrets.js';
import { RoleProcess } from '../processes/role-process.js';
import { environmentFor } from './home.js';
import { verbatimCommand } from './verbatim.js';
import { givenStoreCommand, storeCommandLine } from '../store/store-command.js';

/** An event store as a separate process, with its address. It keeps the address when it is started again. */
export type StoreProcess = Readonly<{ process: RoleProcess; port: number; url: string }>;

/**
 * Starts the store given to the tests, or else `verbatim event-store`, on this folder, which is created if needed.
 * @throws Error with its output when it does not serve in time
 */
export const startStoreProcess = async (dataDir: string): Promise<StoreProcess> => {
  const port = await freePort();
  const command = givenStoreCommand();
  const process = new RoleProcess({
    name: 'event store',
    command:
      command === undefined
        ? verbatimCommand(['event-store', '--data', dataDir, '--port', String(port), '--secure'])
        : storeCommandLine(command, dataDir, port),
    env: environmentFor({ dataDir, port }),
    isReady: (running) => running.output().includes('"ready":true'),
  });
  await process.start(60_000);
  learnSecrets(storeSecretsOf(dataDir));
  const url =
    command === undefined
      ? connectionStringFor(dataDir, port, accessOfNode(dataDir))
      : `esdb://127.0.0.1:${port}?tls=false`;
  return { process, port, url };
};
