import { readFile } from 'node:fs/promises';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import {
  readHeld,
  readKey,
  UnfitInput,
  type HeldCheckpoint,
} from '#libs/audit-verify/checkpoints/held-checkpoint.js';

/** What an auditor has kept of a log. */
export type Kept = Readonly<{ key?: NoteVerifier | undefined; held: readonly HeldCheckpoint[] }>;

const KEY = /^[^\s+]+\+[0-9a-f]{8}\+\S+$/;

/**
 * Reads what an auditor has kept: the log's public key, as text or in a file, and checkpoints, each in a file.
 *
 * @throws UnfitInput when a file can't be read, or they do not fit together
 */
export const readKept = async (key: string | undefined, files: readonly string[]): Promise<Kept> => {
  const text = key === undefined || KEY.test(key.trim()) ? key : await readText(key);
  const verifier = text === undefined ? undefined : readKey(text);
  const held: HeldCheckpoint[] = [];
  for (const file of files) held.push(readHeld(`the checkpoint in ${file}`, await readText(file), verifier));
  return { key: verifier, held };
};

const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UnfitInput(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
};
