import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./bare-server.process.js', import.meta.url));

export type BareServer = Readonly<{ url: string; pid: number; stop(): void }>;

export const startBareServer = async (env: Readonly<Record<string, string>> = {}): Promise<BareServer> => {
  const child = fork(SERVER, { env: { ...process.env, ...env } });
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, pid: child.pid!, stop: () => child.kill() };
};
