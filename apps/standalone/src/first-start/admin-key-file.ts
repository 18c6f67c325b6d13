import { readFileSync } from 'node:fs';
import { writeWhole } from '../data-folder/write-whole.js';
import { StartRefused } from '../start-refused.js';
import type { KeyFile } from './provision.js';

/** The file `admin.key`: mode 0600, there whole or not at all. */
export const adminKeyFileAt = (name: string): KeyFile => ({
  name,
  read: () => {
    try {
      return readFileSync(name, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new StartRefused(`${name} can't be read (${code})`);
    }
  },
  write: (key) => writeWhole(name, `${key}\n`),
});
