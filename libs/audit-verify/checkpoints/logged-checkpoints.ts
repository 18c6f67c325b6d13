import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { readNoteVerifier, type NoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { CheckpointSigned } from '#libs/domain/audit/checkpoint.events.js';
import type { SignedHead } from '../leaves/compared-tree.js';

type Logged = Readonly<{ revision: number; type: string; data: Buffer }>;

/** Reads the checkpoints that are in the log, one after the other. */
export class LoggedCheckpoints {
  /** The log's key: the one that was given, or else the one that its first checkpoint names. */
  key: NoteVerifier | undefined;
  #size = 0;

  constructor(key?: NoteVerifier) {
    this.key = key;
  }

  /**
   * Returns the checkpoint in the next event of their stream.
   *
   * @throws RangeError saying why it holds no checkpoint of this log
   */
  readEvent({ revision, type, data }: Logged): SignedHead {
    if (type !== 'CheckpointSigned') throw new RangeError(`its type is ${type}`);
    const { note, key } = JSON.parse(data.toString()) as Readonly<
      Record<keyof CheckpointSigned['data'], unknown>
    >;
    if (typeof note !== 'string' || typeof key !== 'string')
      throw new RangeError('it lacks the checkpoint or the key');
    this.key ??= readNoteVerifier(key);
    const { size, root } = openCheckpoint(note, this.key);
    if (size < this.#size) throw new RangeError(`it has ${size} leaves, fewer than the one before`);
    this.#size = size;
    return { size, root, source: `checkpoint ${revision} in the log`, isHeld: false };
  }
}
