import { freePort } from '#libs/platform/free-port.js';
import { socketIoServer } from './bare.system.js';
import { endProcess, startEngine } from './engine-process.js';
import { versionOfPackage, versionOfProgram, whyNotInstalled } from './installed.js';
import type { RunningSystem, System } from './system.js';
import { makeFolder, removeFolder } from './temporary-folder.js';

const REDIS = 'redis-server';

const redisCommand = (folder: string, port: number, appendfsync: string): readonly string[] => {
  const listening = ['--port', String(port), '--bind', '127.0.0.1'];
  const keeping = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', appendfsync, '--save', ''];
  return [REDIS, ...listening, ...keeping];
};

/** Socket.IO with the Redis Streams adapter and connection state recovery. */
const redisStreams = (appendfsync: 'everysec' | 'always'): System => ({
  name: `Socket.IO + Redis Streams, ${appendfsync}`,
  remembers: true,
  takesLoad: true,
  versions: () => ({
    'redis-server': versionOfProgram(REDIS),
    'socket.io': versionOfPackage('socket.io'),
    '@socket.io/redis-streams-adapter': versionOfPackage('@socket.io/redis-streams-adapter'),
  }),
  whyNot: () => whyNotInstalled(REDIS, 'redis-server'),
  async start(guests): Promise<RunningSystem> {
    const folder = await makeFolder();
    const [port, redisPort] = [await freePort(), await freePort()];
    const startBoth = async () => ({
      redis: await startEngine(redisCommand(folder, redisPort, appendfsync), redisPort),
      server: await startEngine(socketIoServer(port, redisPort), port),
    });
    let running = await startBoth();
    const endBoth = async (): Promise<void> => {
      await Promise.all([endProcess(running.server), endProcess(running.redis)]);
    };
    return {
      client: 'socket.io',
      url: `http://127.0.0.1:${port}`,
      auths: guests.map(() => ({})),
      folder,
      pids: () => [...running.server.tree.living(), ...running.redis.tree.living()],
      untilLevel: async () => undefined,
      kill: endBoth,
      async startAgain() {
        running = await startBoth();
      },
      async stop() {
        await endBoth();
        await removeFolder(folder);
      },
    };
  },
});

export const redisEverySecond = redisStreams('everysec');
export const redisAlways = redisStreams('always');
