import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startRoles } from '#tools/harness/system/roles.js';
import { freePort } from '#libs/platform/free-port.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { runCuts } from './cuts/run-cuts.js';
import type { CutsPlan, CutsResult } from './cuts/run-cuts.js';
import { printTable, say } from './harness/results.js';

export type CutsOptions = Readonly<{
  bots: number;
  channels: number;
  rate: number;
  seconds: number;
  everySeconds: number;
  cutSeconds: number;
}>;

/**
 * Cuts bots again and again, which reconnect to the other of two servers. Measures Socket.IO's connection state
 * recovery with Redis Streams, then Verbatim, under the same load.
 */
export const cuts = async (options: CutsOptions): Promise<object> => {
  say(
    `${options.bots} bots in ${options.channels} channels, ${options.rate} messages/s for ${options.seconds} s, ` +
      `each bot cut every ${options.everySeconds} s for ${options.cutSeconds} s`,
  );
  const results = {
    'Socket.IO recovery, Redis Streams': await recovering(options),
    Verbatim: await verbatim(options),
  };
  printTable(
    'Deliveries of acknowledged messages',
    Object.entries<CutsResult>(results).map(([run, { recovered, ...counts }]) => ({
      run,
      ...counts,
      'said recovered': run === 'Verbatim' ? '-' : recovered,
    })),
  );
  return results;
};

const planOf = (options: CutsOptions, urls: readonly string[], auths: readonly object[]): CutsPlan => ({
  ...options,
  urls,
  bots: auths.map((auth, index) => ({ channel: channelOf(options, index), auth: { ...auth } })),
});

const channelOf = ({ channels }: CutsOptions, bot: number): string => `cut-${bot % channels}`;

const recovering = async (options: CutsOptions): Promise<CutsResult> => {
  const port = await freePort();
  const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const servers: ReturnType<typeof fork>[] = [];
  try {
    await waitFor('Redis', () => answers(port));
    const urls: string[] = [];
    for (let index = 0; index < 2; index += 1) {
      const file = fileURLToPath(new URL('./cuts/recovering-server.process.js', import.meta.url));
      const server = fork(file, [String(port)]);
      servers.push(server);
      const [own] = (await once(server, 'message')) as [number];
      urls.push(`http://127.0.0.1:${own}`);
    }
    const auths = Array.from({ length: options.bots }, (_, bot) => ({ channel: channelOf(options, bot) }));
    return await runCuts(planOf(options, urls, auths));
  } finally {
    for (const server of servers) server.kill();
    redis.kill();
  }
};

const verbatim = async (options: CutsOptions): Promise<CutsResult> => {
  const roles = await startRoles({ gateways: 2, projectors: 1, admins: 1 });
  try {
    const [{ api }] = roles.gateways as [(typeof roles.gateways)[0]];
    for (let channel = 0; channel < options.channels; channel += 1)
      await api.createChannel(channelOf(options, channel));
    const auths: object[] = [];
    for (let bot = 0; bot < options.bots; bot += 1) {
      auths.push({ key: await api.createBot(`bot-${bot}`) });
      await api.addMember(channelOf(options, bot), `bot-${bot}`);
    }
    const urls = roles.gateways.map((gateway) => gateway.api.url);
    return await runCuts(planOf(options, urls, auths));
  } finally {
    await roles.remove();
  }
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
      .on('connect', () => resolve(true))
      .on('error', () => resolve(false))
      .on('connect', () => socket.destroy());
  });
