import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Command } from 'commander';

/** `verbatim event-store`: the embedded node alone, for any client that speaks EventStoreDB's protocol. */
export const eventStoreCommand = (setExitCode: (code: number) => void): Command =>
  new Command('event-store')
    .description('run the embedded event store alone, until Ctrl-C')
    .requiredOption('--data <folder>', 'its data folder, made if there is none')
    .option('--port <port>', 'port on 127.0.0.1', '2113')
    .action(async ({ data, port }: { data: string; port: string }) => {
      const main = createRequire(import.meta.url).resolve('#libs/embedded-event-store/main.js');
      const args = [main, '--data', resolve(data), '--port', port];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      // The child gets Ctrl-C from the terminal as we do, and stops by itself; we only wait for it.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => child.kill('SIGTERM'));
      const [code] = (await once(child, 'exit')) as [number | null];
      // It has said why itself.
      setExitCode(code === 0 ? 0 : 1);
    });
