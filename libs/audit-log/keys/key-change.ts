import { formatCheckpoint, parseCheckpoint } from '../checkpoint/checkpoint.js';
import { formatNote, parseNote, signNote, signersOf } from '../note/note.js';
import { readNoteVerifier, type NoteSigner, type NoteVerifier } from '../note/note-key.js';
import type { TreeHead } from '../merkle/verify-proof.js';

/**
 * How a log comes to another key. A rotation is signed by the old key and the new one, and the log keeps its name. A
 * replacement, for a key that is lost, is signed by the new key only, and gives the log another name: nobody who knows
 * the old key can tell from signatures that both are one log.
 */
export type KeyChangeKind = 'rotation' | 'replacement';

export type KeyChange = Readonly<{
  kind: KeyChangeKind;
  /** The old and the new key, in text form. */
  from: string;
  to: string;
  /** The tree at the change. Checkpoints of larger trees are signed with the new key. */
  head: TreeHead;
}>;

/** The first line of the note. It is no name of a log, so the note can't be taken for a checkpoint. */
const TITLES: Readonly<Record<KeyChangeKind, string>> = {
  rotation: 'verbatim audit log: key rotation v1',
  replacement: 'verbatim audit log: key replacement v1',
};

/** Returns the note by which a log's key is replaced with another of the same name. @throws RangeError for another name */
export const signRotation = (head: TreeHead, old: NoteSigner, next: NoteSigner): string => {
  const [from, to] = [old.verifier, next.verifier];
  if (from.name !== to.name) throw new RangeError('The new key must have the name of the log');
  const text = textOf('rotation', from.text, to, head);
  const signatures = [old, next].flatMap((signer) => signNote(text, signer).signatures);
  return formatNote({ text, signatures });
};

/** Returns the note by which a lost key is replaced. @throws RangeError when the new key has the log's old name */
export const signReplacement = (head: TreeHead, lost: NoteVerifier, next: NoteSigner): string => {
  if (lost.name === next.verifier.name) throw new RangeError('The new key must have another name');
  return formatNote(signNote(textOf('replacement', lost.text, next.verifier, head), next));
};

/**
 * Reads a change of the key that is valid now.
 *
 * @throws RangeError when it is not one, changes another key, or lacks a signature
 */
export const openKeyChange = (given: string, current: string): KeyChange => {
  const note = parseNote(given);
  const [title, from = '', to = '', ...rest] = note.text.split('\n');
  const kind = (Object.keys(TITLES) as KeyChangeKind[]).find((one) => TITLES[one] === title);
  if (!kind) throw new RangeError('This is no change of a key');
  if (from !== current) throw new RangeError('It changes another key than the one that is valid');
  const [old, next] = [readNoteVerifier(from), readNoteVerifier(to)];
  const { size, root } = parseCheckpoint([next.name, ...rest].join('\n'));
  const needed = kind === 'rotation' ? [old, next] : [next];
  if (signersOf(note, needed).length !== needed.length)
    throw new RangeError('It lacks the signature of a key');
  if ((old.name === next.name) !== (kind === 'rotation'))
    throw new RangeError('A rotation keeps the name of the log, and a replacement does not');
  return { kind, from, to, head: { size, root } };
};

/** Returns the key that is valid after these changes, beginning with one that is known. @throws RangeError */
export const followKeyChanges = (known: string, changes: readonly string[]): string =>
  changes.reduce((key, note) => openKeyChange(note, key).to, known);

const textOf = (kind: KeyChangeKind, from: string, to: NoteVerifier, head: TreeHead): string => {
  const [, ...lines] = formatCheckpoint({ origin: to.name, ...head }).split('\n');
  return [TITLES[kind], from, to.text, ...lines].join('\n');
};
