import { Rejection } from '#libs/domain/rejection.js';
import { keysStream } from '#libs/domain/stream-names.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import type { DirectoryChange } from '#libs/directory/change-directory.command.js';
import type { ChangeDirectoryHandler } from '#libs/directory/change-directory.handler.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { hashKey, issueKey, parseKey } from '#libs/platform/keys/access-key.js';
import { StartRefused } from '../start-refused.js';

/** The channel that exists from the start. */
const FIRST_CHANNEL = 'general';

/** The file that holds the first admin's key. */
export type KeyFile = Readonly<{ name: string; read(): string | undefined; write(key: string): void }>;

/**
 * How an admin can log in: with a key that was just added to the log, with the known key that is here, or not
 * with anything that is here.
 */
export type AdminAccess =
  | Readonly<{ kind: 'new'; key: string }>
  | Readonly<{ kind: 'known' }>
  | Readonly<{ kind: 'none here' }>
  | Readonly<{ kind: 'revoked' }>;

type Log = Pick<EventStore, 'readStream'>;
type Commands = Pick<ChangeDirectoryHandler, 'execute'>;

/**
 * Makes sure that there is an admin who can log in. Every step may be repeated: a start that is killed
 * anywhere is completed by the next one. The file is written before the log knows the key, because the key
 * can't be read from the log later.
 *
 * - A key of the operator's own (`VERBATIM_ADMIN_KEY`) or one in the file is added to the log once, although
 *   several processes may start with it at the same time. A key that was revoked stays revoked.
 * - Without either, a key is created if there never was one. An operator who deletes the file does not get
 *   another one.
 *
 * @returns the key if it was just added to the log, for the operator to see; otherwise whether the key that
 * is here is still valid
 * @throws StartRefused when the file does not hold an admin key
 * @throws StoreUnavailable
 */
export const provisionAdmin = async (
  log: Log,
  commands: Commands,
  file: KeyFile | undefined,
  ownKey?: string,
): Promise<AdminAccess> => {
  const keys = await readAdminKeys(log);
  const key = ownKey ?? file?.read() ?? (keys.issued.size === 0 ? makeKey(file) : undefined);
  if (key === undefined) return { kind: 'none here' };
  const parsed = parseKey(key);
  if (parsed?.role !== 'admin') {
    throw new StartRefused(
      `${file?.name} does not hold an admin key: put the right one back, or delete the file`,
    );
  }
  if (keys.revoked.has(parsed.keyId)) return { kind: 'revoked' };
  if (keys.issued.has(parsed.keyId)) return { kind: 'known' };
  const { keyId } = parsed;
  if (!(await executeOnce(commands, { type: 'IssueOperatorKey', role: 'admin', keyId, hash: hashKey(key) })))
    return { kind: 'known' };
  return ownKey === undefined ? { kind: 'new', key } : { kind: 'known' };
};

/**
 * Opens `general`, unless it was opened before.
 *
 * @throws StoreUnavailable
 */
export const provisionChannel = async (commands: Commands): Promise<void> => {
  await executeOnce(commands, { type: 'OpenChannel', channel: FIRST_CHANNEL, visibility: 'public' });
};

/** Returns the ids of all admin keys that were ever issued, and of the revoked ones. */
const readAdminKeys = async (log: Log): Promise<{ issued: Set<string>; revoked: Set<string> }> => {
  const keys = { issued: new Set<string>(), revoked: new Set<string>() };
  for await (const { type, data, unreadable } of log.readStream(keysStream('admin'))) {
    if (unreadable !== undefined) continue;
    const { keyId } = data as { keyId: string };
    if (type === 'OperatorKeyIssued') keys.issued.add(keyId);
    if (type === 'OperatorKeyRevoked') keys.revoked.add(keyId);
  }
  return keys;
};

const makeKey = (file: KeyFile | undefined): string | undefined => {
  if (file === undefined) return undefined;
  const { key } = issueKey({ role: 'admin' });
  file.write(key);
  return key;
};

/** Returns whether this call made the change. False if it was made before, perhaps by another process just now. */
const executeOnce = async (commands: Commands, change: DirectoryChange): Promise<boolean> => {
  try {
    await commands.execute(new ChangeDirectoryCommand(change, { kind: 'system' }));
    return true;
  } catch (error) {
    if (error instanceof Rejection && error.code === 'already_exists') return false;
    throw error;
  }
};
