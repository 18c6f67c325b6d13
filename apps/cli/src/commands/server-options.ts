import type { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import { adminKey } from '../client/key-source.js';
import { serverUrl } from '../client/server-url.js';
import { ApiClient } from '../client/api-client.js';

export type ServerOptions = { url?: string; keyFile?: string; json?: boolean };

/** Adds the options of every command that talks to a server. */
export const withServerOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'address of the server (default: VERBATIM_URL, else this machine)')
    .option(
      '--key-file <file>',
      'file with the key to present, - for standard input (default: VERBATIM_KEY, else the one kept in the data folder)',
    )
    .option('--json', 'answer in JSON');

/**
 * Returns a client with an admin's key.
 *
 * @throws InvalidSettings | CommandFailed
 */
export const adminClient = (options: ServerOptions): ApiClient => {
  const settings = loadSettings(process.env);
  return new ApiClient(serverUrl(options.url, settings), adminKey(options.keyFile, settings));
};
