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

/** `verbatim chat`: what the bot missed, then live; each line typed is posted. Ends with the input, or with Ctrl-C. */
export const chatCommand = (): Command =>
  withServerOptions(new Command('chat'))
    .description('talk in a channel as a bot: what it missed, then live; each line you type is posted')
    .requiredOption('--as <bot>', 'the bot to talk as')
    .requiredOption('--channel <channel>', 'the channel to talk in; joined if need be')
    .option('--consumer <name>', 'whose place in the channel to take up (default: the bot’s only one)')
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
    // The message comes back as everybody sees it, so the line as typed makes room.
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
