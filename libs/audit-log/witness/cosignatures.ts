import { parseNote, parseSignature, signersOf, type NoteSignature } from '../note/note.js';
import type { NoteVerifier } from '../note/note-key.js';

/** A witness signs a few lines; one for each of its keys. */
const MAX_LINES = 16;

/**
 * Returns a witness's cosignature of a checkpoint out of its answer. Lines of other keys are left out.
 *
 * @throws RangeError when the answer holds no valid cosignature of this witness
 */
export const readCosignature = (answer: string, checkpoint: string, witness: NoteVerifier): NoteSignature => {
  const lines = answer.split('\n').slice(0, MAX_LINES);
  for (const line of lines) {
    const signature = line === '' ? undefined : parseSignature(line);
    if (signature?.name !== witness.name || signature.keyId !== witness.keyId) continue;
    signersOf({ text: parseNote(checkpoint).text, signatures: [signature] }, [witness]);
    return signature;
  }
  throw new RangeError(`The answer holds no cosignature of ${witness.name}`);
};
