import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientKind } from './client-process.js';

const TRANSPORTS = ['websocket', 'polling'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** Debian's Python, which has Debian's python3-socketio. Another Python may come first in the path. */
const PYTHON = '/usr/bin/python3';
const JAVASCRIPT_PROGRAM = 'test/endings/clients/client.mjs';
const PYTHON_PROGRAM = 'test/endings/clients/client.py';

/** Versions of the client other than the one this project uses. */
const OLD_VERSIONS = ['3.0.0', '4.0.0'];

const javascript = (name: string, folder: string, transport: Transport): ClientKind => ({
  name: `${name}, ${transport}`,
  command: [process.execPath, JAVASCRIPT_PROGRAM, folder, transport],
});

const python = (mode: 'sync' | 'async', transport: Transport): ClientKind => ({
  name: `Python ${mode}, ${transport}`,
  command: [PYTHON, PYTHON_PROGRAM, mode, transport],
  isThreaded: mode === 'sync',
});

/** Returns the clients that need nothing besides what the tests of this project need. */
export const clientsAtHand = (): ClientKind[] => {
  const folder = dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json'));
  return [
    ...TRANSPORTS.map((transport) => javascript('JavaScript 4.8', folder, transport)),
    python('sync', 'polling'),
    ...TRANSPORTS.map((transport) => python('async', transport)),
  ];
};

/**
 * Returns all clients. Old versions are fetched from npm into a temporary folder. Debian's synchronous client needs
 * python3-websocket for WebSockets.
 *
 * @throws Error if that package is missing
 */
export const allClients = async (): Promise<{ kinds: ClientKind[]; folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-clients-'));
  const run = promisify(execFile);
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const aliases = OLD_VERSIONS.map((version) => `old-${version}@npm:socket.io-client@${version}`);
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...aliases], { cwd: folder });
  await run(PYTHON, ['-c', 'import websocket']).catch((cause: unknown) => {
    throw new Error("The synchronous client needs Debian's python3-websocket", { cause });
  });
  const old = OLD_VERSIONS.flatMap((version) =>
    TRANSPORTS.map((transport) =>
      javascript(
        `JavaScript ${version.slice(0, 3)}`,
        join(folder, 'node_modules', `old-${version}`),
        transport,
      ),
    ),
  );
  return { kinds: [...old, ...clientsAtHand(), python('sync', 'websocket')], folder };
};
