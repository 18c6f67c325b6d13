import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a disk of this many mebibytes in memory. Needs root, which CI has. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'verbatim-small-disk-'));

  constructor(mebibytes: number, inodes = 10_000) {
    const options = `size=${mebibytes}m,nr_inodes=${inodes},mode=0755`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.folder]);
  }

  /** Uses up all the space that is left. */
  fill(): void {
    for (const bytes of [1024 * 1024, 4096])
      this.takeUntilRefused(() => writeFileSync(this.filling(0), Buffer.alloc(bytes), { flag: 'a' }));
  }

  /** Uses up all the inodes that are left, while there is still space for bytes. */
  takeInodes(): void {
    this.takeUntilRefused((number) => writeFileSync(this.filling(number + 1), '', { flag: 'wx' }));
  }

  /** Frees what {@link fill} and {@link takeInodes} took. */
  makeRoom(): void {
    execFileSync('find', [this.folder, '-maxdepth', '1', '-name', 'filling-*', '-delete']);
  }

  remount(how: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${how}`, this.folder]);
  }

  /** Removes the disk with everything on it. */
  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }

  private filling(number: number): string {
    return join(this.folder, `filling-${number}`);
  }

  private takeUntilRefused(take: (number: number) => void): void {
    for (let number = 0; ; number += 1) {
      try {
        take(number);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
        throw error;
      }
    }
  }
}
