import type { Marks } from '#libs/platform/watch/standstill.js';
import type { AuditTree } from './audit-tree.js';

/** What is read of a tree. */
type Growing = Pick<AuditTree, 'size' | 'seen' | 'unsigned'>;

/**
 * Tells a tree that grows from one that stands still, over all attempts to grow it. An attempt that comes as far as the
 * one before and fails there again is no progress, although it has added leaves. A tree that is built again from the
 * beginning is.
 */
export class TreeProgress {
  #tree: Growing | undefined;
  #opened = 0;
  #furthest = 0;

  /** Begins an attempt with the tree as it is on disk. */
  beginAttempt(tree: Growing): void {
    if (tree.size < this.#opened) this.#furthest = 0;
    this.#opened = tree.size;
    this.#tree = tree;
  }

  /** Returns the number of leaves; 0 before the first attempt. */
  get size(): number {
    return this.#tree?.size ?? 0;
  }

  /** Returns what waits, given whether the tree is level with the log and grows, and what was done. */
  marksWhen(isLevel: boolean): Marks {
    const tree = this.#tree;
    if (!tree) return { waiting: 1, done: 0 };
    this.#furthest = Math.max(this.#furthest, tree.size);
    return { waiting: isLevel ? tree.unsigned : 1, done: this.#furthest + tree.seen.revision };
  }
}
