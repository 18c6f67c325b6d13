import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SINK = fileURLToPath(new URL('./sink.process.js', import.meta.url));

/**
 * Starts a process that receives floods and does nothing with them. The effect of these floods on others is the share
 * of the machine.
 */
export const startSink = async (): Promise<Readonly<{ url: string; stop(): void }>> => {
  const child = fork(SINK);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
};
