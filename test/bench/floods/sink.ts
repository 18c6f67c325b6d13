import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SINK = fileURLToPath(new URL('./sink.process.js', import.meta.url));

/** Starts a process that takes floods and does nothing with them: what they cost others shows what they cost the machine. */
export const startSink = async (): Promise<Readonly<{ url: string; stop(): void }>> => {
  const child = fork(SINK);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
};
