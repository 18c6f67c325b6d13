import { formatNote, parseNote, signNote, signersOf } from '../note/note.js';
import { readNoteVerifier } from '../note/note-key.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import type { TreeHead } from '../merkle/verify-proof.js';
import type { Note } from '../note/note.js';
import type { NoteSigner, NoteVerifier } from '../note/note-key.js';
import type { Checkpoint } from './checkpoint.js';

/** Returns the signed checkpoint of a tree. The name of its key is the log's origin. */
export const signCheckpoint = (tree: TreeHead, signer: NoteSigner): string =>
  formatNote(signNote(formatCheckpoint({ origin: signer.verifier.name, ...tree }), signer));

/**
 * Reads a checkpoint that the log's key has signed.
 *
 * @throws RangeError when it is not a checkpoint, is one of another log, or its signature is missing or false
 */
export const openCheckpoint = (given: string, key: NoteVerifier): Checkpoint & Readonly<{ note: Note }> => {
  const note = parseNote(given);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== key.name)
    throw new RangeError(`The checkpoint is one of another log: ${checkpoint.origin}, not ${key.name}`);
  if (signersOf(note, [key]).length === 0)
    throw new RangeError(`The checkpoint is not signed by the key ${key.text}`);
  return { ...checkpoint, note };
};

/**
 * Returns the public key that has signed a checkpoint, as it stands beside it in the log; undefined unless it has. That
 * shows which key the log names, not that it is the right one.
 */
export const keyOfCheckpoint = ({
  note,
  key,
}: Readonly<Record<'note' | 'key', unknown>>): NoteVerifier | undefined => {
  if (typeof note !== 'string' || typeof key !== 'string') return undefined;
  try {
    const verifier = readNoteVerifier(key);
    openCheckpoint(note, verifier);
    return verifier;
  } catch {
    return undefined;
  }
};
