import { fileURLToPath } from 'node:url';
import { freePort } from '#libs/platform/free-port.js';
import { endProcess, startEngine } from './engine-process.js';
import { versionOfPackage } from './installed.js';
import type { RunningSystem, System } from './system.js';
import { makeFolder, removeFolder } from './temporary-folder.js';

const SERVER = fileURLToPath(new URL('./durable-streams.process.js', import.meta.url));

/** Durable Streams: a stream over HTTP for each channel. It syncs an append before it answers. This server is the reference. */
export const durableStreams: System = {
  name: 'Durable Streams',
  remembers: true,
  takesLoad: false,
  versions: () => ({
    '@durable-streams/server': versionOfPackage('@durable-streams/server'),
    '@durable-streams/client': versionOfPackage('@durable-streams/client'),
  }),
  whyNot: () => undefined,
  async start(guests): Promise<RunningSystem> {
    const folder = await makeFolder();
    const port = await freePort();
    const start = () => startEngine([process.execPath, SERVER, String(port), folder], port);
    let server = await start();
    const url = `http://127.0.0.1:${port}`;
    for (const channel of new Set(guests))
      await fetch(`${url}/${channel}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
      });
    return {
      client: 'durable-streams',
      url,
      auths: guests.map(() => ({})),
      folder,
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
};
