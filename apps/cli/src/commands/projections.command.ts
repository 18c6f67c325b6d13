import { Command } from 'commander';
import { projectionsListCommand } from './projections-list.command.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

/** `verbatim projections …`: shows the state of the read models, and controls them. */
export const projectionsCommand = (): Command => {
  const projections = new Command('projections').description(
    'list, rebuild and pause read models (as admin)',
  );
  const commands = [
    projectionsListCommand(),
    rebuildCommand(),
    askCommand('recount', 'compare a read model with the log, without changing it'),
    askCommand('revert', 'go back to the generation before the last rebuild'),
    askCommand('pause', 'stop updating a read model until it is resumed'),
    askCommand('resume', 'continue after a pause, or retry a failed event'),
  ];
  for (const command of commands) projections.addCommand(command.exitOverride());
  return projections;
};

type RebuildOptions = ServerOptions & { acceptDifferences?: boolean };

const rebuildCommand = (): Command =>
  withServerOptions(new Command('rebuild'))
    .description('rebuild a read model from the log while it keeps serving')
    .argument('<name>')
    .option('--accept-differences', 'use the new rows even where they differ from the old ones')
    .action((name: string, { acceptDifferences = false, ...options }: RebuildOptions) =>
      ask(name, 'rebuild', options, { acceptDifferences }),
    );

const askCommand = (action: string, description: string): Command =>
  withServerOptions(new Command(action))
    .description(description)
    .argument('<name>')
    .action((name: string, options: ServerOptions) => ask(name, action, options));

const ask = async (name: string, action: string, options: ServerOptions, body?: object): Promise<void> => {
  const path = `/v1/projections/${encodeURIComponent(name)}/${action}`;
  const answer = await adminClient(options).request<object>('POST', path, body);
  const text = `Requested: ${action} of ${name}. \`verbatim projections list\` shows the progress.`;
  process.stdout.write(`${options.json ? JSON.stringify(answer) : text}\n`);
};
