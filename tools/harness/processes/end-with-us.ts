import type { ProcessTree } from './process-tree.js';

const living = new Set<ProcessTree>();

/** Ends with this process, however it exits: what is started in a group of its own would go on, and nobody would know of it. */
export const endWithUs = (tree: ProcessTree, ended: Promise<unknown>): void => {
  if (living.size === 0) process.once('exit', killAll);
  living.add(tree);
  void ended.finally(() => {
    living.delete(tree);
    if (living.size === 0) process.off('exit', killAll);
  });
};

const killAll = (): void => {
  for (const tree of living) tree.kill();
};
