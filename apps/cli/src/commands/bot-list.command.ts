import { Command } from 'commander';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Bot = Readonly<Record<string, unknown>>;
type Page = Readonly<{ items: readonly Bot[]; next?: string }>;

/** `verbatim bot list`: prints all bots, one per line. */
export const botListCommand = (): Command =>
  withServerOptions(new Command('list'))
    .description('list all bots')
    .action(async (options: ServerOptions) => {
      const client = adminClient(options);
      let next: string | undefined;
      do {
        const query = next === undefined ? '' : `?cursor=${encodeURIComponent(next)}`;
        const page = await client.request<Page>('GET', `/v1/bots${query}`);
        for (const bot of page.items)
          process.stdout.write(`${options.json ? JSON.stringify(bot) : line(bot)}\n`);
        next = page.next;
      } while (next !== undefined);
    });

const line = (bot: Bot): string =>
  [bot['bot'] ?? bot['name'], bot['state'] ?? bot['status'], bot['registeredAt']]
    .filter((value) => typeof value === 'string')
    .map((value, index) => (index === 0 ? value.padEnd(24) : value))
    .join('  ');
