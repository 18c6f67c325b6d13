import { readFileSync } from 'node:fs';
import { writeWhole } from '#libs/platform/files/write-whole.js';
import { StartRefused } from '../start-refused.js';
import type { KeyFile } from './provision.js';

/** Returns access to the file `admin.key`. It has mode 0600 and is complete or absent. */
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
