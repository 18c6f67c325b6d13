import { fileURLToPath } from 'node:url';
import { freePort } from '#libs/platform/free-port.js';
import { endProcess, startEngine } from './engine-process.js';
import { versionOfPackage } from './installed.js';
import type { RunningSystem, System } from './system.js';

const SERVER = fileURLToPath(new URL('./socket-io-server.process.js', import.meta.url));

export const socketIoServer = (port: number, redisPort?: number): readonly string[] => [
  process.execPath,
  SERVER,
  String(port),
  ...(redisPort === undefined ? [] : [String(redisPort)]),
];

/** Socket.IO with nothing stored: the practical limit. */
export const bare: System = {
  name: 'bare Socket.IO',
  remembers: false,
  takesLoad: true,
  versions: () => ({ 'socket.io': versionOfPackage('socket.io') }),
  whyNot: () => undefined,
  async start(guests): Promise<RunningSystem> {
    const port = await freePort();
    let server = await startEngine(socketIoServer(port), port);
    return {
      client: 'socket.io',
      url: `http://127.0.0.1:${port}`,
      auths: guests.map(() => ({})),
      folder: undefined,
      pids: () => server.tree.living(),
      untilLevel: async () => undefined,
      kill: () => endProcess(server),
      async startAgain() {
        server = await startEngine(socketIoServer(port), port);
      },
      stop: () => endProcess(server),
    };
  },
};
