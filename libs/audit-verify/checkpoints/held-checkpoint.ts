import { parseCheckpoint, type Checkpoint } from '#libs/audit-log/checkpoint/checkpoint.js';
import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { readNoteVerifier, type NoteVerifier } from '#libs/audit-log/note/note-key.js';
import { parseNote } from '#libs/audit-log/note/note.js';

/** What was given for a verification does not fit together, so it shows nothing about the log. */
export class UnfitInput extends Error {
  override readonly name = 'UnfitInput';
}

/** A checkpoint that somebody kept outside the log, and in words where. */
export type HeldCheckpoint = Checkpoint & Readonly<{ source: string; isHeld: true; text: string }>;

/** Reads the public key of a log. @throws UnfitInput */
export const readKey = (text: string): NoteVerifier => {
  try {
    return readNoteVerifier(text);
  } catch (error) {
    throw new UnfitInput(`The key can't be used: ${(error as Error).message}`, { cause: error });
  }
};

/**
 * Reads a checkpoint that was kept. With the log's key its signature is checked; without it, that is left for later.
 *
 * @throws UnfitInput when it is no checkpoint, one of another log, or not signed by the key
 */
export const readHeld = (source: string, text: string, key?: NoteVerifier): HeldCheckpoint => {
  try {
    const checkpoint = key ? openCheckpoint(text, key) : parseCheckpoint(parseNote(text).text);
    const { origin, size, root } = checkpoint;
    return { origin, size, root, source, isHeld: true, text };
  } catch (error) {
    throw new UnfitInput(`${source} can't be used: ${(error as Error).message}`, { cause: error });
  }
};
