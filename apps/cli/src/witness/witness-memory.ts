import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeNoteKey, readNoteSigner, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import { lockFolder } from '#libs/platform/files/folder-lock.js';
import { readIfThere } from '#libs/platform/files/read-if-there.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';
import { CommandFailed } from '../command-failed.js';

const KEY_FILE = 'witness.key';
const SEEN_FILE = 'newest-checkpoints.json';

type Written = Readonly<Record<string, Readonly<{ size: number; root: string }>>>;

/**
 * What a witness must not forget: its key, and the newest checkpoint of each log that it has cosigned. It is a folder
 * that belongs to one process.
 */
export class WitnessMemory {
  readonly #newest: Map<string, TreeHead>;

  private constructor(
    private readonly folder: string,
    readonly signer: NoteSigner,
    private readonly unlock: () => void,
  ) {
    this.#newest = readNewest(join(folder, SEEN_FILE));
  }

  /**
   * Opens the folder (mode 0700), which is made if need be, with a new key of this name.
   *
   * @throws CommandFailed when another process uses it, its key has another name, or a file can't be understood
   */
  static async openMemory(folder: string, name: string | undefined): Promise<WitnessMemory> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    if (typeof unlock === 'number') throw new CommandFailed(`${folder} is in use by process ${unlock}`);
    try {
      return new WitnessMemory(folder, signerIn(join(folder, KEY_FILE), name), unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  newest(origin: string): TreeHead | undefined {
    return this.#newest.get(origin);
  }

  /** Keeps a checkpoint. It is on disk when this returns. @throws the file system's error; then nothing was kept */
  keep(origin: string, { size, root }: TreeHead): void {
    const all = new Map(this.#newest).set(origin, { size, root });
    const written: Written = Object.fromEntries(
      [...all].map(([of, head]) => [of, { size: head.size, root: head.root.toString('base64') }]),
    );
    writeWhole(join(this.folder, SEEN_FILE), `${JSON.stringify(written)}\n`);
    this.#newest.set(origin, { size, root });
  }

  close(): void {
    this.unlock();
  }
}

const signerIn = (file: string, name: string | undefined): NoteSigner => {
  const secret = readIfThere(file) ?? makeSecret(file, name);
  try {
    const signer = readNoteSigner(secret, 'cosignature');
    if (name === undefined || signer.verifier.name === name) return signer;
    throw new RangeError(`its name is ${signer.verifier.name}, not ${name}`);
  } catch (error) {
    throw new CommandFailed(`${file} can't be used: ${(error as Error).message}`);
  }
};

const makeSecret = (file: string, name: string | undefined): string => {
  if (name === undefined)
    throw new CommandFailed('A new witness needs a name (--name witness.example.org/one)');
  try {
    const { secret } = makeNoteKey(name);
    writeWhole(file, `${secret}\n`);
    return secret;
  } catch (error) {
    throw new CommandFailed(`The witness's key can't be made: ${(error as Error).message}`);
  }
};

/** A damaged file is not taken for a new one: then the witness could cosign two logs that disagree. */
const readNewest = (file: string): Map<string, TreeHead> => {
  const text = readIfThere(file);
  if (text === undefined) return new Map();
  try {
    return new Map(
      Object.entries(JSON.parse(text) as Written).map(([origin, { size, root }]) => {
        const head = { size, root: Buffer.from(root, 'base64') };
        if (!Number.isSafeInteger(size) || head.root.length !== 32) throw new RangeError(origin);
        return [origin, head];
      }),
    );
  } catch {
    throw new CommandFailed(`${file} is damaged: restore it, or start over in a new folder with a new key`);
  }
};
