import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of so many mebibytes, mounted in memory. Needs root, as CI has it. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'verbatim-small-disk-'));

  constructor(mebibytes: number, inodes = 10_000) {
    const options = `size=${mebibytes}m,nr_inodes=${inodes},mode=0755`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.folder]);
  }

  /** Takes all the room that is left. */
  fill(): void {
    for (const bytes of [1024 * 1024, 4096])
      this.takeUntilRefused(() => writeFileSync(this.filling(0), Buffer.alloc(bytes), { flag: 'a' }));
  }

  /** Takes all the names that are left; there is room for bytes. */
  takeInodes(): void {
    this.takeUntilRefused((number) => writeFileSync(this.filling(number + 1), '', { flag: 'wx' }));
  }

  /** Gives back what {@link fill} and {@link takeInodes} took. */
  makeRoom(): void {
    execFileSync('find', [this.folder, '-maxdepth', '1', '-name', 'filling-*', '-delete']);
  }

  remount(how: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${how}`, this.folder]);
  }

  /** Takes the disk away, with all that is on it. */
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
