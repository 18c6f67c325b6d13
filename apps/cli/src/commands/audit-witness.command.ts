import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readNoteVerifier, type NoteVerifier } from '#libs/audit-log/note/note-key.js';
import { CommandFailed } from '../command-failed.js';

type Options = Readonly<{ folder: string; name?: string; log: NoteVerifier[]; host: string; port: number }>;

/** `verbatim audit witness`: cosigns the checkpoints of audit logs, on a machine that their operator does not control. */
export const auditWitnessCommand = (): Command =>
  new Command('witness')
    .description('cosign the checkpoints of audit logs over HTTP (C2SP tlog-witness), until Ctrl-C')
    .requiredOption('--folder <folder>', 'where the key and the newest checkpoints are kept')
    .requiredOption('--log <key>', 'public key of a log to watch; may be repeated', logKey)
    .option('--name <name>', 'name of a new witness, such as witness.example.org/one')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for any', portNumber, 8001)
    .action(async ({ folder, name, log: keys, host, port }: Options) => {
      // Loaded only here, because the other commands need none of it.
      const { WitnessMemory } = await import('../witness/witness-memory.js');
      const { witnessServer } = await import('../witness/witness-server.js');
      const memory = await WitnessMemory.openMemory(resolve(folder), name);
      const server = witnessServer({ memory, keys, now: () => Date.now(), say });
      try {
        const listening = once(server, 'listening');
        server.listen(port, host);
        await listening.catch((error: Error) => {
          throw new CommandFailed(`The witness can't listen: ${error.message}`);
        });
        const { port: chosen } = server.address() as AddressInfo;
        say(`Witness ${memory.signer.verifier.text}`);
        say(`listens on http://${host.includes(':') ? `[${host}]` : host}:${chosen}/`);
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
        server.close();
        server.closeAllConnections();
      } finally {
        memory.close();
      }
    });

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @throws InvalidArgumentError when it is not the public key of a log */
const logKey = (text: string, before: readonly NoteVerifier[] = []): NoteVerifier[] => {
  try {
    return [...before, readNoteVerifier(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

/** @throws InvalidArgumentError */
const portNumber = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return Number(text);
};
