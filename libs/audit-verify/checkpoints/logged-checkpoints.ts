import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { openKeyChange } from '#libs/audit-log/keys/key-change.js';
import { readNoteVerifier, type NoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { CheckpointSigned } from '#libs/domain/audit/checkpoint.events.js';
import type { SignedHead } from '../leaves/compared-tree.js';

type Logged = Readonly<{ revision: number; type: string; data: Buffer }>;
type Content = Readonly<Record<keyof CheckpointSigned['data'], unknown>>;

/** Reads the checkpoints that are in the log, and the changes of the key between them, one after the other. */
export class LoggedCheckpoints {
  /** The log's keys, each after the one that it replaced. */
  readonly keys: NoteVerifier[] = [];
  /** Where the log came to a key for which the one before does not vouch: in `keys`, and in words. */
  readonly #replacements: { to: number; source: string }[] = [];
  #size = 0;

  /** @param given the log's key, from somewhere else than the log: any one that it ever had */
  constructor(private readonly given?: NoteVerifier) {}

  /** The log's key: the newest of those that it has named, or else the one that was given. */
  get key(): NoteVerifier | undefined {
    return this.keys.at(-1) ?? this.given;
  }

  /** Returns why the key that was given does not vouch for all checkpoints; undefined when it does, or none was given. */
  get unvouched(): string | undefined {
    if (!this.given || this.keys.length === 0) return undefined;
    const at = this.keys.findIndex(({ text }) => text === this.given!.text);
    if (at < 0) return `No checkpoint in the log is signed by the key ${this.given.text}`;
    const replaced = this.#replacements.find(({ to }) => to > at);
    return (
      replaced &&
      `The key ${this.given.text} was replaced (${replaced.source}), and does not vouch for the next one`
    );
  }

  /**
   * Returns the signed tree in the next event of their stream.
   *
   * @throws RangeError saying why it holds none of this log
   */
  readEvent({ revision, type, data }: Logged): SignedHead {
    const isChange = type === 'SigningKeyRotated' || type === 'SigningKeyReplaced';
    if (type !== 'CheckpointSigned' && !isChange) throw new RangeError(`its type is ${type}`);
    const content = JSON.parse(data.toString()) as Content;
    if (isChange) return this.#readChange(content, `change ${revision} of the key in the log`);
    return { ...this.#readSigned(content), source: `checkpoint ${revision} in the log`, isHeld: false };
  }

  #readSigned({ note, key }: Content) {
    if (typeof note !== 'string' || typeof key !== 'string')
      throw new RangeError('it lacks the checkpoint or the key');
    const signedBy = this.keys.at(-1) ?? this.#firstKey(note, key);
    const { size, root } = openCheckpoint(note, signedBy);
    if (size < this.#size) throw new RangeError(`it has ${size} leaves, fewer than the one before`);
    if (this.keys.length === 0) this.keys.push(signedBy);
    this.#size = size;
    return { size, root };
  }

  /** A later key may have been given. Whether it is one of this log is known in the end. */
  #firstKey(note: string, named: string): NoteVerifier {
    const { given } = this;
    if (!given || given.text === named) return readNoteVerifier(named);
    const other = readNoteVerifier(named);
    openCheckpoint(note, other);
    return other;
  }

  #readChange({ note }: Content, source: string): SignedHead {
    const current = this.keys.at(-1);
    if (typeof note !== 'string' || !current) throw new RangeError('there is no key to change');
    const { kind, to, head } = openKeyChange(note, current.text);
    if (kind === 'replacement') this.#replacements.push({ to: this.keys.length, source });
    this.keys.push(readNoteVerifier(to));
    return { ...head, source, isHeld: false };
  }
}
