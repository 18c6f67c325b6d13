import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ProcessTree, signal } from './process-tree.js';
import { waitFor } from '../wait-for.js';

const start = async (): Promise<{ pid: number; tree: ProcessTree; exited: Promise<unknown> }> => {
  const child = spawn('sh', ['-c', 'sh -c "sleep 600 & sleep 600" & wait']);
  const tree = new ProcessTree(child.pid!);
  await waitFor('the children', () => tree.living().length >= 4);
  return { pid: child.pid!, tree, exited: once(child, 'exit') };
};

describe('a process tree', () => {
  it('still finds its members after their parent has died', async () => {
    const { pid, tree, exited } = await start();
    signal(pid, 'SIGKILL');
    await exited;
    expect(tree.living()).toHaveLength(3);
    tree.kill();
    await waitFor('all to end', () => tree.living().length === 0);
  });

  it('is killed as a whole', async () => {
    const { tree, exited } = await start();
    tree.kill();
    await exited;
    await waitFor('all to end', () => tree.living().length === 0);
  });
});
