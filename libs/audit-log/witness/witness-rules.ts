import { parseAddCheckpoint } from '../checkpoint/add-checkpoint.js';
import { parseCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.js';
import { provesConsistency, type TreeHead } from '../merkle/verify-proof.js';
import { parseNote, signersOf } from '../note/note.js';
import type { NoteVerifier } from '../note/note-key.js';

/** What a witness does with a request to add a checkpoint (C2SP tlog-witness). */
export type WitnessDecision =
  /** The checkpoint continues what the witness knows. It must be kept before it is cosigned. */
  | Readonly<{ status: 200; checkpoint: Checkpoint; text: string }>
  /** Another size is known, or another root for this size. `size` is the known one. */
  | Readonly<{ status: 409; size: number; why: string }>
  | Readonly<{ status: 400 | 403 | 404 | 422; why: string }>;

/** What a witness knows: the keys of the logs that it watches, and the newest checkpoint of each by its origin. */
export type Witnessed = Readonly<{
  keys: readonly NoteVerifier[];
  newest(origin: string): TreeHead | undefined;
}>;

/**
 * Decides about the body of `POST …/add-checkpoint`, in the order that C2SP tlog-witness demands. Two checkpoints that
 * disagree are never both accepted, if the newest one is kept before the next decision.
 */
export const decideAddCheckpoint = (body: string, { keys, newest }: Witnessed): WitnessDecision => {
  const request = readRequest(body);
  if (typeof request === 'string') return { status: 400, why: request };
  const { oldSize, proof, note, checkpoint } = request;
  const keysOfLog = keys.filter(({ name }) => name === checkpoint.origin);
  if (keysOfLog.length === 0) return { status: 404, why: `${checkpoint.origin} is not witnessed here` };
  if (!isSigned(note, keysOfLog)) return { status: 403, why: 'the checkpoint is not signed by the log' };
  if (oldSize > checkpoint.size)
    return { status: 400, why: 'the old size is larger than that of the checkpoint' };
  const known = newest(checkpoint.origin) ?? { size: 0, root: Buffer.alloc(0) };
  if (oldSize !== known.size)
    return { status: 409, size: known.size, why: `the newest size here is ${known.size}` };
  if (known.size === checkpoint.size && known.size > 0 && !known.root.equals(checkpoint.root))
    return { status: 409, size: known.size, why: 'another root is known for this size' };
  if (!(known.size === 0 ? proof.length === 0 : provesConsistency(proof, known, checkpoint)))
    return { status: 422, why: 'the proof does not show that the checkpoint continues the one known here' };
  return { status: 200, checkpoint, text: note.text };
};

const readRequest = (body: string) => {
  try {
    const { oldSize, proof, checkpoint } = parseAddCheckpoint(body);
    const note = parseNote(checkpoint);
    return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    return (error as Error).message;
  }
};

const isSigned = (note: ReturnType<typeof parseNote>, keys: readonly NoteVerifier[]): boolean => {
  try {
    return signersOf(note, keys).length > 0;
  } catch {
    return false;
  }
};
