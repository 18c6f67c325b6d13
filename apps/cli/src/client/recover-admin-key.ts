import { existsSync, linkSync } from 'node:fs';
import { adminKeyFile } from '#apps/standalone/src/data-folder/data-folder.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';

/** The new key. `before` is the file that now holds the previous key. */
export type Recovered = Readonly<{ keyId: string; file: string; before?: string }>;

/**
 * Writes a new admin key to `admin.key` in the data folder, with mode 0600, and keeps the previous key in a
 * file next to it. A start adds the key in that file to the log if it is new, so write access to the folder
 * is all that is needed.
 *
 * @throws CommandFailed when there is no such folder, it can't be written, or the server would not read the
 * file
 */
export const recoverAdminKey = ({ access, dataDir }: Pick<Settings, 'access' | 'dataDir'>): Recovered => {
  if (access.adminKey !== undefined) {
    throw new CommandFailed(
      'VERBATIM_ADMIN_KEY is set, and a start looks there first: set it to a new key instead (docs/running.md), or unset it',
    );
  }
  if (!existsSync(dataDir)) {
    throw new CommandFailed(
      `There is no data folder ${dataDir}: set VERBATIM_DATA_DIR to the one of the server that runs the role admin`,
    );
  }
  const file = adminKeyFile(dataDir);
  const { key, keyId } = issueKey({ role: 'admin' });
  const before = existsSync(file) ? `${file}.before-${keyId}` : undefined;
  try {
    if (before !== undefined) linkSync(file, before);
    writeWhole(file, `${key}\n`);
  } catch (error) {
    throw new CommandFailed(
      `${file} can't be written (${(error as NodeJS.ErrnoException).code}): run this as the user that runs the server`,
    );
  }
  return { keyId, file, ...(before === undefined ? {} : { before }) };
};
