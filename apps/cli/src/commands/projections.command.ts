import { Command } from 'commander';
import { projectionsListCommand } from './projections-list.command.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

/** `verbatim projections …`: how the read models fare, and what can be done about it. */
export const projectionsCommand = (): Command => {
  const projections = new Command('projections').description(
    'list, rebuild and pause read models (as admin)',
  );
  const commands = [
    projectionsListCommand(),
    rebuildCommand(),
    askCommand('recount', 'compare one with the log, without changing it'),
    askCommand('revert', 'go back to the generation of before the last rebuild'),
    askCommand('pause', 'let one stand still until it is resumed'),
    askCommand('resume', 'go on after a pause, or try a failed event again'),
  ];
  for (const command of commands) projections.addCommand(command.exitOverride());
  return projections;
};

type RebuildOptions = ServerOptions & { acceptDifferences?: boolean };

const rebuildCommand = (): Command =>
  withServerOptions(new Command('rebuild'))
    .description('build one anew from the log while it serves')
    .argument('<name>')
    .option('--accept-differences', 'put the new rows in place even where they differ from the old ones')
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
  const text = `Asked for: ${action} of ${name}. \`verbatim projections list\` shows how it goes.`;
  process.stdout.write(`${options.json ? JSON.stringify(answer) : text}\n`);
};
