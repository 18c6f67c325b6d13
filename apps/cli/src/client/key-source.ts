import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { adminKeyFile, botKeyFile } from '#apps/standalone/src/data-folder/data-folder.js';
import { writeWhole } from '#apps/standalone/src/data-folder/write-whole.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { parseKey, type ParsedKey } from '#libs/platform/access/access-key.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';

/**
 * `--key`, else VERBATIM_KEY, else the key that a server with these settings would let in: VERBATIM_ADMIN_KEY, or the one
 * kept in the data folder. @throws CommandFailed when there is none
 */
export const adminKey = (option: string | undefined, { client, access, dataDir }: Settings): string => {
  const file = adminKeyFile(dataDir);
  const key = option ?? client.key ?? access.adminKey ?? readKey(file);
  if (key !== undefined) return key;
  throw new CommandFailed(
    `An admin key is needed: give --key, set VERBATIM_KEY, or keep it in ${file}. If there is none to be had, start the server once with VERBATIM_ADMIN_KEY set to a new key, which is added to those there are (docs/running.md)`,
  );
};

/**
 * The key of one bot: `--key`, else VERBATIM_KEY if it is this bot's, else the one `bot create` kept.
 * @throws CommandFailed when there is none, or `--key` is somebody else's
 */
export const botKey = (bot: string, option: string | undefined, { client, dataDir }: Settings): string => {
  if (!NAME_PATTERN.test(bot)) throw new CommandFailed(`"${bot}" can't be the name of a bot`);
  const isTheirs = (key: string | undefined): boolean => {
    const parsed: ParsedKey | undefined = key === undefined ? undefined : parseKey(key);
    return parsed?.role === 'bot' && parsed.bot === bot;
  };
  if (option !== undefined) {
    if (isTheirs(option)) return option;
    throw new CommandFailed(`The key given is not one of bot ${bot}`);
  }
  const file = botKeyFile(dataDir, bot);
  const key = isTheirs(client.key) ? client.key : readKey(file);
  if (key !== undefined) return key;
  throw new CommandFailed(
    `A key of bot ${bot} is needed: give --key, or make the bot with \`verbatim bot create ${bot}\``,
  );
};

/** Keeps a bot's key with mode 0600 and gives the file's name. @throws CommandFailed */
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

const readKey = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CommandFailed(`${file} can't be read (${code})`);
  }
};
