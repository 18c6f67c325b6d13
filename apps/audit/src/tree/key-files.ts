import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeNoteKey, readNoteSigner, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';

const KEY_FILE = 'signing.key';
const NEXT = /^next-[0-9a-f]{8}\.key$/;

/**
 * The log's secret keys in the folder of the tree (mode 0600): `signing.key`, and `next-<key id>.key` for a key that
 * takes over once the log says so. A process that dies in between finds the right one by what the log says.
 */
export class KeyFiles {
  constructor(private readonly folder: string) {}

  /** The file of the key that signs. */
  get file(): string {
    return join(this.folder, KEY_FILE);
  }

  /** Returns the key that signs; undefined when there is none. @throws Error when the file holds something else */
  readSigningKey(): Promise<NoteSigner | undefined> {
    return readKey(this.file);
  }

  /** Makes the key of a new log. Its name, which is the log's origin, belongs to no other log. */
  makeSigningKey(): NoteSigner {
    const { secret, signer } = makeNoteKey(newOrigin());
    writeWhole(this.file, `${secret}\n`);
    return signer;
  }

  /** Makes a key that may take over: of this name, or of a new one. It is on disk when this returns. */
  makeNextKey(origin = newOrigin()): NoteSigner {
    const { secret, signer } = makeNoteKey(origin);
    writeWhole(this.#nextFile(signer.verifier.text), `${secret}\n`);
    return signer;
  }

  /**
   * Makes the key that the log names the one that signs, if it is here as a next key, and removes the one before and all
   * other next keys. Returns undefined when it is not here.
   *
   * @throws Error when the file holds something else, and the file system's error
   */
  async adoptKey(key: string): Promise<NoteSigner | undefined> {
    const signer = await readKey(this.#nextFile(key));
    if (signer?.verifier.text !== key) return undefined;
    await rename(this.#nextFile(key), this.file);
    for (const name of await readdir(this.folder)) if (NEXT.test(name)) await rm(join(this.folder, name));
    return signer;
  }

  #nextFile(key: string): string {
    return join(this.folder, `next-${key.split('+')[1]}.key`);
  }
}

const newOrigin = (): string => `verbatim/${randomBytes(8).toString('hex')}`;

const readKey = async (file: string): Promise<NoteSigner | undefined> => {
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
