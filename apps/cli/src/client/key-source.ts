import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { adminKeyFile, botKeyFile } from '#apps/standalone/src/data-folder/data-folder.js';
import { NotText, readText } from '#libs/platform/files/read-text.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { parseKey, type ParsedKey } from '#libs/platform/keys/access-key.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';

/** The value of `--key-file` that means standard input. */
const STDIN = '-';
const STDIN_HANDLE = 0;

/**
 * Returns the admin key from `--key-file`, else VERBATIM_KEY, else the key that a server with these settings
 * would accept: VERBATIM_ADMIN_KEY, or the one kept in the data folder. A key is never an argument, because
 * every user of the machine can read arguments.
 *
 * @throws CommandFailed when there is none
 */
export const adminKey = (keyFile: string | undefined, { client, access, dataDir }: Settings): string => {
  const file = adminKeyFile(dataDir);
  const key = givenKey(keyFile) ?? client.key ?? access.adminKey ?? readKey(file);
  if (key !== undefined) return key;
  throw new CommandFailed(
    `An admin key is needed: name a file with --key-file, set VERBATIM_KEY, or keep it in ${file}. If you have none, start the server once with VERBATIM_ADMIN_KEY set to a new key, which is added to the existing ones (docs/running.md)`,
  );
};

/**
 * Returns a key of one bot: the one in `--key-file`, else VERBATIM_KEY if it belongs to this bot, else the
 * one that `bot create` saved.
 *
 * @throws CommandFailed when there is none, or the one in `--key-file` belongs to somebody else
 */
export const botKey = (bot: string, keyFile: string | undefined, { client, dataDir }: Settings): string => {
  if (!NAME_PATTERN.test(bot)) throw new CommandFailed(`"${bot}" can't be the name of a bot`);
  if (keyFile === STDIN)
    throw new CommandFailed(
      '--key-file - does not work with chat, which reads your lines from standard input: name a file',
    );
  const isTheirs = (key: string | undefined): boolean => {
    const parsed: ParsedKey | undefined = key === undefined ? undefined : parseKey(key);
    return parsed?.role === 'bot' && parsed.bot === bot;
  };
  const given = givenKey(keyFile);
  if (given !== undefined) {
    if (isTheirs(given)) return given;
    throw new CommandFailed(`The key in ${keyFile} is not a key of bot ${bot}`);
  }
  const file = botKeyFile(dataDir, bot);
  const key = isTheirs(client.key) ? client.key : readKey(file);
  if (key !== undefined) return key;
  throw new CommandFailed(
    `A key of bot ${bot} is needed: name a file with --key-file, or make the bot with \`verbatim bot create ${bot}\``,
  );
};

/**
 * Returns the key in the file, or undefined without a file.
 *
 * @throws CommandFailed when the file can't be read or is empty
 */
const givenKey = (keyFile: string | undefined): string | undefined => {
  if (keyFile === undefined) return undefined;
  const key = readKey(keyFile === STDIN ? STDIN_HANDLE : keyFile);
  if (key) return key;
  const place = keyFile === STDIN ? 'Standard input' : keyFile;
  throw new CommandFailed(`${place} ${key === undefined ? 'does not exist' : 'holds no key'}`);
};

/**
 * Saves a bot's key with mode 0600 and returns the name of the file.
 *
 * @throws CommandFailed
 */
export const saveBotKey = (dataDir: string, bot: string, key: string): string => {
  const file = botKeyFile(dataDir, bot);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeWhole(file, `${key}\n`);
    return file;
  } catch (error) {
    throw new CommandFailed(
      `The key could not be kept in ${file} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
};

/** Returns the content of the file, or undefined if it does not exist. */
const readKey = (file: string | typeof STDIN_HANDLE): string | undefined => {
  try {
    return readText(file);
  } catch (error) {
    const place = file === STDIN_HANDLE ? 'Standard input' : file;
    if (error instanceof NotText) throw new CommandFailed(`${error.message}: save the key as such`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CommandFailed(`${place} can't be read (${code})`);
  }
};
