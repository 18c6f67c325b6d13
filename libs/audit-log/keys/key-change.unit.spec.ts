import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint } from '../checkpoint/signed-checkpoint.js';
import { makeNoteKey } from '../note/note-key.js';
import { followKeyChanges, openKeyChange, signReplacement, signRotation } from './key-change.js';

const head = { size: 7, root: Buffer.alloc(32, 3) };
const keyOf = (name = 'verbatim/a') => makeNoteKey(name).signer;
const [first, second, third, other] = [keyOf(), keyOf(), keyOf(), keyOf('verbatim/b')];

describe('a change of the key', () => {
  it('by rotation is signed by both keys, and leads from one to the other', () => {
    const note = signRotation(head, first, second);
    expect(openKeyChange(note, first.verifier.text)).toEqual({
      kind: 'rotation',
      from: first.verifier.text,
      to: second.verifier.text,
      head,
    });
    const changes = [note, signRotation(head, second, third)];
    expect(followKeyChanges(first.verifier.text, changes)).toBe(third.verifier.text);
    expect(() => followKeyChanges(first.verifier.text, changes.toReversed())).toThrow(RangeError);
  });

  it('by replacement is signed by the new key, under another name', () => {
    const note = signReplacement(head, first.verifier, other);
    expect(openKeyChange(note, first.verifier.text)).toMatchObject({
      kind: 'replacement',
      to: other.verifier.text,
    });
    expect(() => signReplacement(head, first.verifier, second)).toThrow(RangeError);
    expect(() => signRotation(head, first, other)).toThrow(RangeError);
  });

  it.each<[string, () => string]>([
    ['another key is valid', () => signRotation(head, second, third)],
    [
      'one signature is missing',
      () => signRotation(head, first, second).split('\n').toSpliced(-2, 1).join('\n'),
    ],
    [
      'the old signature is missing',
      () => signRotation(head, first, second).split('\n').toSpliced(-3, 1).join('\n'),
    ],
    ['a byte is another', () => signRotation(head, first, second).replace('\n7\n', '\n8\n')],
    [
      'a replacement calls itself a rotation',
      () => signReplacement(head, first.verifier, other).replace('replacement', 'rotation'),
    ],
    ['it is a checkpoint', () => signCheckpoint(head, first)],
  ])('is refused when %s', (_, note) => {
    expect(() => openKeyChange(note(), first.verifier.text)).toThrow(RangeError);
  });

  it('is no checkpoint of any log', () => {
    const note = signRotation(head, first, second);
    for (const { verifier } of [first, second])
      expect(() => openCheckpoint(note, verifier)).toThrow(RangeError);
  });
});
