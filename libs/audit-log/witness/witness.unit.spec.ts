import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberedTree } from '#test/support/audit-log/memory-tree.js';
import { formatAddCheckpoint } from '../checkpoint/add-checkpoint.js';
import { signCheckpoint } from '../checkpoint/signed-checkpoint.js';
import { proveConsistency } from '../merkle/make-proof.js';
import { cosignNote, formatSignature } from '../note/note.js';
import { makeNoteKey, readNoteSigner } from '../note/note-key.js';
import type { TreeHead } from '../merkle/verify-proof.js';
import { readCosignature } from './cosignatures.js';
import { decideAddCheckpoint } from './witness-rules.js';

const log = makeNoteKey('verbatim/spec').signer;
const tree = numberedTree(40);
const headOf = (size: number): TreeHead => tree.heads[size]!;

const requestOf = async (oldSize: number, size: number, { signer = log, head = headOf(size) } = {}) =>
  formatAddCheckpoint({
    oldSize,
    proof: oldSize <= size ? await proveConsistency(oldSize, size, tree.nodes) : [],
    checkpoint: signCheckpoint(head, signer),
  });

const decide = (body: string, known?: TreeHead) =>
  decideAddCheckpoint(body, { keys: [log.verifier], newest: () => known });

describe('a witness', () => {
  it('accepts a checkpoint that continues the one it knows, from any size to any later one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(40), async (one, other) => {
        const [oldSize, size] = [Math.min(one, other), Math.max(one, other)];
        const known = oldSize === 0 ? undefined : headOf(oldSize);
        expect(decide(await requestOf(oldSize, size), known)).toMatchObject({
          status: 200,
          checkpoint: { size, root: headOf(size).root },
        });
      }),
    );
  });

  it.each<[string, number, () => Promise<string>, TreeHead | undefined]>([
    ['what is no request', 400, async () => 'hello', undefined],
    ['an old size beyond the checkpoint', 400, () => requestOf(9, 5), headOf(9)],
    [
      'a log that it does not watch',
      404,
      () => requestOf(0, 5, { signer: makeNoteKey('verbatim/other').signer }),
      undefined,
    ],
    [
      'a checkpoint signed by another key of that name',
      403,
      () => requestOf(0, 5, { signer: makeNoteKey('verbatim/spec').signer }),
      undefined,
    ],
    ['another old size than it knows', 409, () => requestOf(3, 9), headOf(5)],
    ['an old size when it knows nothing', 409, () => requestOf(3, 9), undefined],
    [
      'another root for the size that it knows',
      409,
      () => requestOf(5, 5, { head: { size: 5, root: Buffer.alloc(32, 1) } }),
      headOf(5),
    ],
    ['a log with another beginning', 422, () => requestOf(5, 9), { size: 5, root: Buffer.alloc(32, 1) }],
    [
      'a proof that is none',
      422,
      async () => formatAddCheckpoint({ oldSize: 5, proof: [], checkpoint: signCheckpoint(headOf(9), log) }),
      headOf(5),
    ],
    [
      'a proof where none is needed',
      422,
      async () =>
        formatAddCheckpoint({
          oldSize: 0,
          proof: [Buffer.alloc(32)],
          checkpoint: signCheckpoint(headOf(9), log),
        }),
      undefined,
    ],
  ])('refuses %s', async (_, status, request, known) => {
    expect(decide(await request(), known).status).toBe(status);
  });

  it('says which size it knows when it refuses another', async () => {
    expect(decide(await requestOf(3, 9), headOf(5))).toMatchObject({ status: 409, size: 5 });
  });

  it('decides about anything at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        expect(decide(body).status).toBe(400);
      }),
    );
  });
});

describe('the answer of a witness', () => {
  const { secret } = makeNoteKey('witness.example/w');
  const witness = readNoteSigner(secret, 'cosignature');
  const checkpoint = signCheckpoint(headOf(7), log);
  const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);

  it('is read among lines of other keys', () => {
    const other = readNoteSigner(makeNoteKey('witness.example/x').secret, 'cosignature');
    const own = cosignNote(text, witness, 1_700_000_000n);
    const answer = formatSignature(cosignNote(text, other, 1n)) + formatSignature(own);
    expect(readCosignature(answer, checkpoint, witness.verifier)).toEqual(own);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['a cosignature of another text', formatSignature(cosignNote('other\n1\n\n', witness, 1n))],
  ])('is refused when it is %s', (_, answer) => {
    expect(() => readCosignature(answer, checkpoint, witness.verifier)).toThrow(RangeError);
  });
});
