import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { ChatSession } from '../chat/chat-session.js';
import { Screen } from '../chat/screen.js';
import { botKey } from '../client/key-source.js';
import { serverUrl } from '../client/server-url.js';
import { CommandFailed } from '../command-failed.js';
import { withServerOptions, type ServerOptions } from './server-options.js';

type ChatCommandOptions = ServerOptions & { as: string; channel: string; consumer?: string };

/**
 * `verbatim chat`: shows the bot's backlog, then live messages, and posts each line typed. Ends with its
 * input, or with Ctrl-C.
 */
export const chatCommand = (): Command =>
  withServerOptions(new Command('chat'))
    .description('talk in a channel as a bot: what it missed, then live; each line you type is posted')
    .requiredOption('--as <bot>', 'the bot to talk as')
    .requiredOption('--channel <channel>', 'the channel to talk in; joined if needed')
    .option('--consumer <name>', 'the consumer whose cursors to use (default: "default")')
    .action(chat);

const chat = async ({
  as: bot,
  channel,
  consumer,
  json = false,
  ...options
}: ChatCommandOptions): Promise<void> => {
  const settings = loadSettings(process.env);
  if (!NAME_PATTERN.test(channel)) throw new CommandFailed(`"${channel}" can't be the name of a channel`);
  const url = serverUrl(options.url, settings);
  const key = botKey(bot, options.keyFile, settings);
  const terminal = process.stdin.isTTY && process.stdout.isTTY && !json;
  const input = createInterface({
    input: process.stdin,
    ...(terminal ? { output: process.stdout, prompt: '' } : {}),
  });
  const write = (text: string): void => void process.stdout.write(terminal ? `\r\u001b[2K${text}` : text);
  const screen = new Screen(write, json, () => terminal && input.prompt(true));
  const session = new ChatSession(
    { url, key, bot, channel, ...(consumer === undefined ? {} : { consumer }) },
    screen,
  );
  input.on('line', (line) => {
    // The message comes back as everybody sees it, so the typed line is removed.
    if (terminal) process.stdout.write('\u001b[1A\u001b[2K');
    if (line.trim() !== '') session.post(line);
  });
  const interrupted = new Promise<void>((resolve) => {
    for (const source of [process, input]) source.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const finished = new Promise<void>((resolve) => input.once('close', () => resolve())).then(() =>
    session.finish(),
  );
  try {
    await Promise.race([session.failed, interrupted, finished]);
  } finally {
    session.close();
    input.close();
  }
};
