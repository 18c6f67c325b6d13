import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { openKeyChange } from '#libs/audit-log/keys/key-change.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import type { CheckpointSigned, SigningKeyRotated } from '#libs/domain/audit/checkpoint.events.js';

/** A checkpoint as it is in the log. */
export type SeenCheckpoint = TreeHead &
  Readonly<{
    /** The signed note. */
    text: string;
    /** The public key that signed it. */
    key: string;
    /** The process that signed it. */
    node: string;
    /** When the log stored it, in milliseconds since 1970. */
    at: number;
  }>;

/** What the stream of checkpoints says, folded up to some event. */
export type SeenCheckpoints = Readonly<{
  /** The revision of the stream's last event; -1 for none. The next checkpoint is appended after it. */
  revision: number;
  /** The log's public key: the one that signed its first checkpoint, or to which that was changed. */
  key?: string;
  /** The key that signed the first checkpoint. */
  firstKey?: string;
  /** The notes by which the first key was changed to the present one, in order. */
  changes?: readonly string[];
  newest?: SeenCheckpoint;
}>;

export const NOTHING_SEEN: SeenCheckpoints = { revision: -1 };

type CheckpointEvent = Readonly<{ revision: number; type: string; data: unknown; node: string; at: number }>;

/** What an event of the stream says. `vouched` is a tree that was signed with the log's key, or under its new one. */
type Seeing = Readonly<{
  seen: SeenCheckpoints;
  vouched?: TreeHead;
  /** Whether it is a checkpoint. Else it changes the key. */
  isCheckpoint?: boolean;
  /** Why it is neither; then it only takes a revision. */
  oddity?: string;
}>;

/**
 * Returns the fold with the next event. Whether the root that it vouches for is that of the tree, the caller checks.
 */
export const seeCheckpoint = (seen: SeenCheckpoints, event: CheckpointEvent): Seeing => {
  const { revision, type } = event;
  try {
    if (type === 'CheckpointSigned') return seeSigned(seen, event);
    if (type === 'SigningKeyRotated' || type === 'SigningKeyReplaced') return seeKeyChange(seen, event);
    throw new RangeError(`its type is ${type}`);
  } catch (error) {
    return { seen: { ...seen, revision }, oddity: (error as Error).message };
  }
};

/** @throws RangeError when it is no checkpoint signed with the log's key */
const seeSigned = (seen: SeenCheckpoints, { revision, data, node, at }: CheckpointEvent): Seeing => {
  const { note, key: signedBy } = data as Readonly<Record<keyof CheckpointSigned['data'], unknown>>;
  if (typeof note !== 'string' || typeof signedBy !== 'string')
    throw new RangeError('it lacks the checkpoint or the key');
  const key = seen.key ?? signedBy;
  const { size, root } = openCheckpoint(note, readNoteVerifier(key));
  if (seen.newest && size < seen.newest.size)
    throw new RangeError(`it has ${size} leaves, fewer than the one before`);
  const newest = { size, root, text: note, key, node, at };
  return { seen: { firstKey: key, ...seen, revision, key, newest }, vouched: newest, isCheckpoint: true };
};

/** @throws RangeError when it does not change the log's key */
const seeKeyChange = (seen: SeenCheckpoints, { revision, type, data }: CheckpointEvent): Seeing => {
  const { note } = data as Readonly<Record<keyof SigningKeyRotated['data'], unknown>>;
  if (typeof note !== 'string' || seen.key === undefined) throw new RangeError('there is no key to change');
  const { kind, to, head } = openKeyChange(note, seen.key);
  if ((kind === 'rotation') !== (type === 'SigningKeyRotated')) throw new RangeError(`it is a ${kind}`);
  const changes = [...(seen.changes ?? []), note];
  return { seen: { ...seen, revision, key: to, changes }, vouched: head, isCheckpoint: false };
};
