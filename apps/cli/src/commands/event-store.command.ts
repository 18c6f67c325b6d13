import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { eventStoreCheckCommand, eventStoreRepairCommand } from './event-store-check.command.js';
import { childEnvironment } from '#libs/platform/child-environment.js';

interface Options {
  readonly data: string;
  readonly port: string;
  readonly host?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly secure?: boolean;
  readonly advertiseHostToClientAs?: string;
  readonly advertiseNodePortToClientAs?: string;
  readonly projections?: boolean;
}

/**
 * `verbatim event-store`: runs the embedded node alone, for any client that speaks EventStoreDB's protocol.
 */
export const eventStoreCommand = (setExitCode: (code: number) => void): Command =>
  new Command('event-store')
    .description('run the embedded event store alone, until Ctrl-C')
    .requiredOption('--data <folder>', 'its data folder, created if missing')
    .option('--port <port>', 'port to listen on', '2113')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--tls-certificate <file>', 'accept encrypted connections only; PEM')
    .option('--tls-key <file>', "the certificate's key; PEM")
    .option('--user <name>', 'the only user; needs TLS')
    .option('--password-file <file>', "file with the user's password")
    .option('--secure', 'create a certificate and a password in <data>/access, and require them')
    .option('--advertise-host-to-client-as <name>', 'name or address that clients are told to connect to')
    .option('--advertise-node-port-to-client-as <port>', 'port that clients are told to connect to')
    .option('--projections', 'keep the streams of $by_category and $by_event_type')
    .addCommand(eventStoreCheckCommand(setExitCode).exitOverride())
    .addCommand(eventStoreRepairCommand().exitOverride())
    .action(async (options: Options) => {
      const main = createRequire(import.meta.url).resolve('#libs/embedded-event-store/main.js');
      const child = spawn(process.execPath, [main, ...argumentsOf(options)], {
        env: childEnvironment(),
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      // The child gets Ctrl-C from the terminal as well, and stops by itself; this process only waits for it.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => child.kill('SIGTERM'));
      const [code] = (await once(child, 'exit')) as [number | null];
      // The child has already printed the reason.
      setExitCode(code === 0 ? 0 : 1);
    });

const argumentsOf = (options: Options): string[] => {
  const named: [string, string | undefined][] = [
    ['--data', resolve(options.data)],
    ['--port', options.port],
    ['--host', options.host],
    ['--tls-certificate', options.tlsCertificate],
    ['--tls-key', options.tlsKey],
    ['--user', options.user],
    ['--password-file', options.passwordFile],
    ['--advertise-host-to-client-as', options.advertiseHostToClientAs],
    ['--advertise-node-port-to-client-as', options.advertiseNodePortToClientAs],
  ];
  return [
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(options.secure ? ['--secure'] : []),
    ...(options.projections ? ['--projections'] : []),
  ];
};
