import { Argument, Command, InvalidArgumentError } from 'commander';
import { printable } from '../printable.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Item = Readonly<
  { stream: string; revision: number; status: 'damaged' | 'set_aside' } & Partial<Record<string, string>>
>;

/** `verbatim events …`: lists events that can't be decoded, and sets them aside. */
export const eventsCommand = (): Command => {
  const events = new Command('events').description(
    'list events that can’t be decoded, and set them aside (as admin)',
  );
  for (const command of [damagedCommand(), setAsideCommand()]) events.addCommand(command.exitOverride());
  return events;
};

const damagedCommand = (): Command =>
  withServerOptions(new Command('damaged'))
    .description(
      'list the damaged events that the server has met since its start, and all events that were set aside',
    )
    .action(async (options: ServerOptions) => {
      const { items } = await adminClient(options).request<{ items: readonly Item[] }>('GET', '/v1/damaged');
      for (const item of items) process.stdout.write(`${options.json ? JSON.stringify(item) : line(item)}\n`);
    });

const setAsideCommand = (): Command =>
  withServerOptions(new Command('set-aside'))
    .description('skip an event, so that what it stopped can continue; the log is not changed')
    .argument('<stream>', 'its stream, as `verbatim events damaged` or the health of a server shows it')
    .addArgument(new Argument('<revision>', 'its revision in that stream').argParser(revisionOf))
    .requiredOption('--reason <text>', 'the reason, for later readers')
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
  if (!/^\d{1,15}$/.test(given)) throw new InvalidArgumentError('It must be a whole number of at least 0.');
  return Number(given);
};

/** Names of streams and types come from whoever appended the event, so they are made printable. */
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
