import { describe, expect, it } from 'vitest';
import { standstillAfter, type Standstill } from '#libs/platform/watch/standstill.js';
import { TreeProgress } from './tree-progress.js';

const treeOf = (size: number, unsigned = 0, revision = -1) => ({ size, unsigned, seen: { revision } });

/** Returns after how many looks in a row nothing was done, given what each look sees. */
const looksAt = (marks: readonly ReturnType<TreeProgress['marksWhen']>[]): number | undefined => {
  let standstill: Standstill | undefined;
  for (const mark of marks) standstill = standstillAfter(standstill, mark);
  return standstill?.looks;
};

describe('the progress of a tree', () => {
  it('is idle while everything is signed, and not before there is a tree', () => {
    const progress = new TreeProgress();
    expect(progress.marksWhen(false).waiting).toBe(1);
    progress.beginAttempt(treeOf(10));
    expect(progress.marksWhen(true).waiting).toBe(0);
  });

  it('stands while each attempt comes to the same event and fails there', () => {
    const progress = new TreeProgress();
    const marks = [1, 2, 3, 4].map(() => {
      const tree = treeOf(100);
      progress.beginAttempt(tree);
      progress.marksWhen(false);
      tree.size = 130;
      return progress.marksWhen(false);
    });
    expect(looksAt(marks)).toBe(3);
  });

  it('stands while nothing is signed, and moves with each checkpoint or leaf', () => {
    const progress = new TreeProgress();
    const tree = treeOf(5, 3);
    progress.beginAttempt(tree);
    const look = () => progress.marksWhen(true);
    expect(looksAt([look(), look(), look()])).toBe(2);
    tree.size += 1;
    const grown = look();
    tree.seen.revision += 1;
    expect(looksAt([grown, look()])).toBe(0);
  });

  it('moves while a tree is built again from the beginning', () => {
    const progress = new TreeProgress();
    progress.beginAttempt(treeOf(1_000));
    progress.marksWhen(true);
    const again = treeOf(0);
    progress.beginAttempt(again);
    const marks = [100, 200, 300].map((size) => {
      again.size = size;
      return progress.marksWhen(false);
    });
    expect(looksAt(marks)).toBe(0);
  });
});
