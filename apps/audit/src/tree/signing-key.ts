import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { makeNoteKey, readNoteSigner, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';

/** Returns the key in a file; undefined when there is no file. @throws Error when the file holds something else */
export const readSigningKey = async (file: string): Promise<NoteSigner | undefined> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readNoteSigner(text);
  } catch (error) {
    throw new Error(`${file} can't be used: ${(error as Error).message}`, { cause: error });
  }
};

/** Makes the key of a new log (mode 0600). Its name, which is the log's origin, belongs to no other log. */
export const makeSigningKey = (file: string): NoteSigner => {
  const { secret, signer } = makeNoteKey(`verbatim/${randomBytes(8).toString('hex')}`);
  writeWhole(file, `${secret}\n`);
  return signer;
};
