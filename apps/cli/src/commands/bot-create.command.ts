import { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import { saveBotKey } from '../client/key-source.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Created = Readonly<{ bot: string; key: string }>;

/**
 * `verbatim bot create <name>`: registers a bot, shows its key, and saves the key for `chat` unless
 * `--no-save` is given.
 */
export const botCreateCommand = (): Command =>
  withServerOptions(new Command('create'))
    .description('register a bot and show its key')
    .argument('<name>', 'letters, digits, - and _')
    .option('--no-save', 'do not save the key in the data folder for `verbatim chat`')
    .action(async (name: string, options: ServerOptions & { save: boolean }) => {
      const { bot, key } = await adminClient(options).request<Created>('POST', '/v1/bots', { name });
      // The key is shown before it is saved: the server never shows it again, and writing the file may fail.
      if (!options.json)
        process.stdout.write(`Bot ${bot} is registered. Its key is shown only once:\n\n  ${key}\n\n`);
      const savedTo = options.save ? saveBotKey(loadSettings(process.env).dataDir, bot, key) : undefined;
      if (options.json)
        process.stdout.write(`${JSON.stringify({ bot, key, ...(savedTo && { savedTo }) })}\n`);
      else if (savedTo !== undefined) process.stdout.write(`Saved for \`verbatim chat\` in ${savedTo}.\n`);
    });
