import { connect } from 'node:net';
import { once } from 'node:events';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import { signal } from '#tools/harness/processes/process-tree.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Starts a program, and waits until it accepts connections on this port. @throws Error with its output if it does not */
export const startEngine = async (command: readonly string[], port: number): Promise<RunningProcess> => {
  const engine = new RunningProcess(command, process.env);
  try {
    await waitFor(`${command[0]} on port ${port}`, () => accepts(port), 60_000, 5);
    return engine;
  } catch (error) {
    engine.tree.kill();
    throw new Error(`${(error as Error).message}; it printed:\n${engine.output()}`, { cause: error });
  }
};

/** Ends a process and everything it started. */
export const endProcess = async (running: RunningProcess): Promise<void> => {
  for (const pid of running.tree.living()) signal(pid, 'SIGKILL');
  await running.exited;
  await running.gone();
};

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
