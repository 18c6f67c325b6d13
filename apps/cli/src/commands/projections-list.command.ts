import { Command } from 'commander';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

type Projection = Readonly<{
  name: string;
  generation: number;
  status: string;
  lagMs: number;
  position?: string;
  error?: { message: string };
  compared?: { differences: readonly unknown[] };
  rebuild?: { generation: number; stage: string; position?: string; error?: { message: string } };
}>;

/**
 * `verbatim projections list`: prints one line per projection and, below it, what is being built or what is
 * wrong.
 */
export const projectionsListCommand = (): Command =>
  withServerOptions(new Command('list'))
    .description('list read models: how far each is, and what stopped it')
    .action(async (options: ServerOptions) => {
      const { items } = await adminClient(options).request<{ items: readonly Projection[] }>(
        'GET',
        '/v1/projections',
      );
      for (const item of items) {
        process.stdout.write(`${options.json ? JSON.stringify(item) : projectionLines(item).join('\n')}\n`);
      }
    });

const projectionLines = (item: Projection): string[] => {
  const { name, generation, status, lagMs, position = '-', error, compared, rebuild } = item;
  const lines = [
    `${name.padEnd(16)} ${status.padEnd(12)} generation ${generation}  position ${position}  lag ${lagMs} ms`,
  ];
  if (error) lines.push(`  ${error.message}`);
  if (compared && compared.differences.length > 0) {
    lines.push(`  differs from the log: ${JSON.stringify(compared.differences)}`);
  }
  if (rebuild) {
    lines.push(
      `  generation ${rebuild.generation} is ${rebuild.stage}, at position ${rebuild.position ?? '-'}`,
    );
    if (rebuild.error) lines.push(`  ${rebuild.error.message}`);
  }
  return lines;
};
