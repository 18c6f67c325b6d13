import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import type { CheckpointSigned } from '#libs/domain/audit/checkpoint.events.js';

/** A checkpoint as it is in the log. */
export type SeenCheckpoint = TreeHead &
  Readonly<{
    /** The signed note. */
    text: string;
    /** The process that signed it. */
    node: string;
    /** When the log stored it, in milliseconds since 1970. */
    at: number;
  }>;

/** What the stream of checkpoints says, folded up to some event. */
export type SeenCheckpoints = Readonly<{
  /** The revision of the stream's last event; -1 for none. The next checkpoint is appended after it. */
  revision: number;
  /** The log's public key: the one that signed its first checkpoint. */
  key?: string;
  newest?: SeenCheckpoint;
}>;

export const NOTHING_SEEN: SeenCheckpoints = { revision: -1 };

type CheckpointEvent = Readonly<{ revision: number; type: string; data: unknown; node: string; at: number }>;

/**
 * Returns the fold with the next event. `checkpoint` is the one in the event, signed by the log's key; whether its root
 * is that of the tree, the caller checks. An event that holds no such checkpoint says why in `oddity`, and only takes a
 * revision.
 */
export const seeCheckpoint = (
  seen: SeenCheckpoints,
  { revision, type, data, node, at }: CheckpointEvent,
): Readonly<{ seen: SeenCheckpoints; checkpoint?: SeenCheckpoint; oddity?: string }> => {
  try {
    if (type !== 'CheckpointSigned') throw new RangeError(`its type is ${type}`);
    const { note, key: signedBy } = data as Readonly<Record<keyof CheckpointSigned['data'], unknown>>;
    if (typeof note !== 'string' || typeof signedBy !== 'string')
      throw new RangeError('it lacks the checkpoint or the key');
    const key = seen.key ?? signedBy;
    const { size, root } = openCheckpoint(note, readNoteVerifier(key));
    if (seen.newest && size < seen.newest.size)
      throw new RangeError(`it has ${size} leaves, fewer than the one before`);
    const checkpoint = { size, root, text: note, node, at };
    return { seen: { revision, key, newest: checkpoint }, checkpoint };
  } catch (error) {
    return { seen: { ...seen, revision }, oddity: (error as Error).message };
  }
};
