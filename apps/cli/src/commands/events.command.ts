import { Argument, Command, InvalidArgumentError } from 'commander';
import { printable } from '../chat/printable.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Item = Readonly<
  { stream: string; revision: number; status: 'damaged' | 'set_aside' } & Partial<Record<string, string>>
>;

/** `verbatim events …`: events that nobody understands, and what becomes of them. */
export const eventsCommand = (): Command => {
  const events = new Command('events').description(
    'list events that nobody understands, and set them aside (as admin)',
  );
  for (const command of [damagedCommand(), setAsideCommand()]) events.addCommand(command.exitOverride());
  return events;
};

const damagedCommand = (): Command =>
  withServerOptions(new Command('damaged'))
    .description('list those the server has met since its start, and all that were set aside')
    .action(async (options: ServerOptions) => {
      const { items } = await adminClient(options).request<{ items: readonly Item[] }>('GET', '/v1/damaged');
      for (const item of items) process.stdout.write(`${options.json ? JSON.stringify(item) : line(item)}\n`);
    });

const setAsideCommand = (): Command =>
  withServerOptions(new Command('set-aside'))
    .description('let what it stopped go on without it; it stays in the log as it is')
    .argument('<stream>', 'as `verbatim events damaged` or the health of a server names it')
    .addArgument(new Argument('<revision>', 'its number in that stream').argParser(revisionOf))
    .requiredOption('--reason <text>', 'why, for those who look at it later')
    .action(
      async (
        stream: string,
        revision: number,
        { reason, ...options }: ServerOptions & { reason: string },
      ) => {
        const body = { stream, revision, reason };
        const item = await adminClient(options).request<Item>('POST', '/v1/damaged', body);
        process.stdout.write(`${options.json ? JSON.stringify(item) : line(item)}\n`);
      },
    );

const revisionOf = (given: string): number => {
  if (!/^\d{1,15}$/.test(given)) throw new InvalidArgumentError('It is a whole number from 0.');
  return Number(given);
};

/** Names of streams and types are given by whoever appended the event. */
const line = (item: Item): string =>
  [
    `${item.status.padEnd(9)}  ${printable(item.stream)} ${item.revision}`,
    ...(item['why'] === undefined ? [] : [printable(`${item['type'] ?? ''}: ${item['why']}`)]),
    ...(item['setAsideAt'] === undefined
      ? []
      : [
          `set aside ${item['setAsideAt']} by ${item['setAsideBy'] ?? ''}: ${printable(item['reason'] ?? '')}`,
        ]),
  ].join('  ');
