import type { ProcessTree } from './process-tree.js';

const living = new Set<ProcessTree>();

/** Kills a tree when this process exits, however it exits. A process group of its own would otherwise go on unnoticed. */
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
