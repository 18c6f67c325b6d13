import { Command } from 'commander';
import { printable } from '../printable.js';
import { whyLines, type Why } from '../audit/why-lines.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

/** `verbatim audit why`: says where an event comes from, and what it led to. */
export const auditWhyCommand = (): Command =>
  withServerOptions(new Command('why'))
    .description('say why an event is in the log, and what it led to')
    .argument('<id>', 'id of the event, or of the message')
    .action(async (id: string, options: ServerOptions) => {
      const client = adminClient(options);
      const response = await client.stream(`/v1/audit/why/${encodeURIComponent(id)}`);
      const answer = await response.text();
      const lines = (): string[] => whyLines(JSON.parse(answer) as Why).map(printable);
      process.stdout.write(`${options.json ? answer : lines().join('\n')}\n`);
    });
