import { describe, expect, it } from 'vitest';
import { numberedTree } from '#test/support/audit-log/memory-tree.js';
import { proveConsistency } from '../merkle/make-proof.js';
import { cosignNote, formatNote, parseNote } from '../note/note.js';
import { makeNoteKey, readNoteSigner } from '../note/note-key.js';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { openCheckpoint, signCheckpoint } from './signed-checkpoint.js';

const TREE = numberedTree(9);
const { signer } = makeNoteKey('verbatim/spec');
const other = makeNoteKey('verbatim/spec').signer;
const stranger = makeNoteKey('verbatim/elsewhere').signer;

describe('a checkpoint', () => {
  it('has the form of C2SP tlog-checkpoint', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
    expect(formatCheckpoint(checkpoint)).toBe(text);
    expect(parseCheckpoint(`${text}an extension\n`)).toEqual(checkpoint);
  });

  it('is refused in any other form', () => {
    const root = Buffer.alloc(32).toString('base64');
    const few = ['', '\n', 'o\n', 'o\n1\n', `o\n1\n${root}`, `\n1\n${root}\n`, `o\n1\n${root}\n\nx\n`];
    const odd = ['01', '-1', '1.0', '', ' 1', '9007199254740993'].map((size) => `o\n${size}\n${root}\n`);
    for (const text of [...few, ...odd, 'o\n1\nAAAA\n', `o\n1\n${root}=\n`])
      expect(() => parseCheckpoint(text)).toThrow(RangeError);
  });

  it('is opened with its log’s key only', () => {
    const signed = signCheckpoint(TREE.heads[9]!, signer);
    expect(openCheckpoint(signed, signer.verifier)).toMatchObject({
      origin: 'verbatim/spec',
      ...TREE.heads[9]!,
    });
    expect(() => openCheckpoint(signed, other.verifier)).toThrow('not signed by the key');
    expect(() => openCheckpoint(signed, stranger.verifier)).toThrow('of another log: verbatim/spec');
    expect(() => openCheckpoint(signed.replace('\n9\n', '\n8\n'), signer.verifier)).toThrow('does not fit');
  });

  it('stays open with a witness’ cosignature below it', () => {
    const signed = parseNote(signCheckpoint(TREE.heads[9]!, signer));
    const witness = readNoteSigner(makeNoteKey('witness.example').secret, 'cosignature');
    const cosigned = { ...signed, signatures: [...signed.signatures, cosignNote(signed.text, witness, 7n)] };
    expect(openCheckpoint(formatNote(cosigned), signer.verifier)).toMatchObject({ size: 9 });
  });
});

describe('what a witness is sent', () => {
  it('comes back as it was, with and without a proof', async () => {
    const checkpoint = signCheckpoint(TREE.heads[9]!, signer);
    for (const oldSize of [0, 5, 9]) {
      const sent = { oldSize, proof: await proveConsistency(oldSize, 9, TREE.nodes), checkpoint };
      expect(parseAddCheckpoint(formatAddCheckpoint(sent))).toEqual(sent);
    }
  });

  it('is refused in any other form', () => {
    const hash = Buffer.alloc(32).toString('base64');
    const bad = [
      '',
      'old\n\nx',
      'old 1',
      'old 01\n\nx',
      'old -1\n\nx',
      'old 1\nAAAA\n\nx',
      `new 1\n${hash}\n\nx`,
    ];
    for (const body of [...bad, `old 1\n${`${hash}\n`.repeat(64)}\nx`])
      expect(() => parseAddCheckpoint(body)).toThrow(RangeError);
  });
});
