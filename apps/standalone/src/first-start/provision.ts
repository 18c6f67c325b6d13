import { Rejection } from '#libs/domain/rejection.js';
import { keysStream } from '#libs/domain/stream-names.js';
import type { DirectoryCommand, DirectoryCommands } from '#libs/directory/directory-commands.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { hashKey, issueKey, parseKey } from '#libs/platform/access/access-key.js';
import { StartRefused } from '../start-refused.js';

/** The channel that exists from the start. */
const FIRST_CHANNEL = 'general';

/** Where the first admin's key is kept. */
export type KeyFile = Readonly<{ name: string; read(): string | undefined; write(key: string): void }>;

/** How an admin gets in: with a key made known just now, with the one that is here, or not from here. */
export type AdminAccess =
  | Readonly<{ kind: 'new'; key: string }>
  | Readonly<{ kind: 'known' }>
  | Readonly<{ kind: 'none here' }>
  | Readonly<{ kind: 'revoked' }>;

type Log = Pick<EventStore, 'readStream'>;
type Commands = Pick<DirectoryCommands, 'execute'>;

/**
 * Sees to it that there is an admin who can get in. Every step may be repeated: a start that is killed anywhere is
 * completed by the next. The file is written before the log knows the key, for the log can't be asked for it later.
 *
 * - A key of the operator's own (`VERBATIM_ADMIN_KEY`) or one in the file is made known to the log once, ever: a key
 *   that was revoked stays revoked.
 * - Without either, a key is made if there never was one. An operator who deletes the file does not get another.
 *
 * @returns the key when it was made known just now, for the operator to see; whether the one that is here still opens
 * @throws StartRefused when the file holds something else; StoreUnavailable
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
  await execute(commands, {
    type: 'IssueOperatorKey',
    role: 'admin',
    keyId: parsed.keyId,
    hash: hashKey(key),
  });
  return ownKey === undefined ? { kind: 'new', key } : { kind: 'known' };
};

/** Opens `general`, unless it was opened before. @throws StoreUnavailable */
export const provisionChannel = async (commands: Commands): Promise<void> => {
  try {
    await execute(commands, { type: 'OpenChannel', channel: FIRST_CHANNEL, visibility: 'public' });
  } catch (error) {
    if (!(error instanceof Rejection && error.code === 'already_exists')) throw error;
  }
};

/** Ids of all admin keys there ever were, and of those taken back. */
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

const execute = async (commands: Commands, command: DirectoryCommand): Promise<void> => {
  await commands.execute(command, { actor: { kind: 'system' } });
};
