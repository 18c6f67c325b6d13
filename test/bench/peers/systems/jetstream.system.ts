import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from '#libs/platform/free-port.js';
import { STREAM, subjectOf } from '../clients/jetstream.client.js';
import { endProcess, startEngine } from './engine-process.js';
import { versionOfPackage, versionOfProgram, whyNotInstalled } from './installed.js';
import type { RunningSystem, System } from './system.js';
import { makeFolder, removeFolder } from './temporary-folder.js';

const NATS = 'nats-server';

/** How every write is synced: by the server's own setting, or, for servers without it, by the file system. */
type Sync = 'by setting' | 'by file system';

const configuration = (port: number, folder: string, setting: boolean): string =>
  `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(folder, 'store')}"${setting ? ', sync_interval: always' : ''} }
`;

/** Tries the setting, which came with version 2.10, and then the attribute S of files (ext4, xfs, btrfs). */
const howToSync = (): Sync | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'verbatim-peers-'));
  try {
    const file = join(folder, 'nats.conf');
    writeFileSync(file, configuration(4_222, folder, true));
    if (spawnSync(NATS, ['-t', '-c', file]).status === 0) return 'by setting';
    return spawnSync('chattr', ['+S', folder]).status === 0 ? 'by file system' : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const makeStream = async (url: string): Promise<void> => {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: [subjectOf('>')], storage: StorageType.File });
  await connection.close();
};

/** NATS JetStream with its file store. */
const jetStream = (name: string, isSynced: boolean): System => ({
  name,
  remembers: true,
  takesLoad: true,
  versions: () => ({
    'nats-server': versionOfProgram(NATS),
    '@nats-io/jetstream': versionOfPackage('@nats-io/jetstream'),
    ...(isSynced ? { 'writes synced': howToSync() ?? 'no' } : {}),
  }),
  whyNot() {
    const missing = whyNotInstalled(NATS, NATS);
    if (missing !== undefined || !isSynced || howToSync() !== undefined) return missing;
    return 'this nats-server has no sync_interval, and the file system no synchronous files (chattr +S)';
  },
  async start(guests): Promise<RunningSystem> {
    const folder = await makeFolder();
    await mkdir(join(folder, 'store'));
    const sync = isSynced ? howToSync() : undefined;
    if (sync === 'by file system') execFileSync('chattr', ['+S', join(folder, 'store')]);
    const port = await freePort();
    const file = join(folder, 'nats.conf');
    await writeFile(file, configuration(port, folder, sync === 'by setting'));
    const start = () => startEngine([NATS, '-c', file], port);
    let server = await start();
    const url = `nats://127.0.0.1:${port}`;
    await makeStream(url);
    return {
      client: 'jetstream',
      url,
      auths: guests.map(() => ({})),
      folder: join(folder, 'store'),
      pids: () => server.tree.living(),
      untilLevel: async () => undefined,
      kill: () => endProcess(server),
      async startAgain() {
        server = await start();
      },
      async stop() {
        await endProcess(server);
        await removeFolder(folder);
      },
    };
  },
});

export const jetStreamDefault = jetStream('JetStream', false);
export const jetStreamSynced = jetStream('JetStream, every write synced', true);
