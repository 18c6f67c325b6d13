import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cosignNote, formatSignature, type NoteSignature } from '#libs/audit-log/note/note.js';
import { makeNoteKey, readNoteSigner } from '#libs/audit-log/note/note-key.js';
import { numberedTree } from '#test/support/audit-log/memory-tree.js';
import { checkWithGo, writeLog } from './log-copy.js';

const { signer } = makeNoteKey('verbatim/spec');
const key = signer.verifier.text;
const folders: string[] = [];

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-proofs-'));
  folders.push(folder);
  return folder;
};

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describe('what Go’s packages for transparency logs say', () => {
  it.each([1, 2, 7, 8, 255, 256, 257, 1_000, 66_000])('to a log of %i entries: it is right', async (size) => {
    const folder = await newFolder();
    await writeLog(folder, numberedTree(size), signer);
    const { ok, said } = await checkWithGo(folder, key);
    expect(said).toMatch(new RegExp(`^${size} entries, \\d+ inclusions, \\d+ consistencies$`));
    expect(ok).toBe(true);
  });

  describe('to a log with a changed byte', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await newFolder();
      await writeLog(folder, numberedTree(600), signer);
    });

    it.each([
      ['checkpoint', 'checkpoint: '],
      ['tile/0/000', 'tiles: '],
      ['tile/0/002.p/88', 'tiles: '],
      ['tile/1/000.p/2', 'tiles: '],
      ['tile/entries/001', 'tiles: entry '],
    ])('in %s: it is wrong', async (path, complaint) => {
      const file = join(folder, path);
      const whole = await readFile(file);
      const bytes = Buffer.from(whole);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      await writeFile(file, bytes);
      const { ok, said } = await checkWithGo(folder, key);
      await writeFile(file, whole);
      expect(ok).toBe(false);
      expect(said).toContain(complaint);
    });

    it.each(['inclusion', 'consistency'] as const)('in a proof of %s: it is wrong', async (kind) => {
      const file = join(folder, 'proofs.json');
      const whole = await readFile(file, 'utf8');
      const proofs = JSON.parse(whole) as Record<typeof kind, { proof: string[] }[]>;
      proofs[kind][3]!.proof[0] = Buffer.alloc(32, 7).toString('base64');
      await writeFile(file, JSON.stringify(proofs));
      const { ok, said } = await checkWithGo(folder, key);
      await writeFile(file, whole);
      expect(ok).toBe(false);
      expect(said).toContain(`${kind} `);
    });

    it('under another key: it is wrong', async () => {
      const { ok } = await checkWithGo(folder, makeNoteKey('verbatim/spec').signer.verifier.text);
      expect(ok).toBe(false);
    });
  });
});

describe('what Go says to a checkpoint with a cosignature', () => {
  const witness = readNoteSigner(makeNoteKey('witness.example/w').secret, 'cosignature');
  let folder: string;
  let checkpoint: string;
  beforeAll(async () => {
    folder = await newFolder();
    await writeLog(folder, numberedTree(20), signer);
    checkpoint = await readFile(join(folder, 'checkpoint'), 'utf8');
  });

  const say = async (cosignature: NoteSignature): Promise<boolean> => {
    await writeFile(join(folder, 'checkpoint'), checkpoint + formatSignature(cosignature));
    return (await checkWithGo(folder, key, [witness.verifier.text])).ok;
  };

  it('is that it is right, and wrong if a byte of time or signature is another', async () => {
    const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
    const own = cosignNote(text, witness, 1_700_000_000n);
    expect(await say(own)).toBe(true);
    expect(await say(cosignNote(`${text}more\n`, witness, 1_700_000_000n))).toBe(false);
    for (const at of [0, 7, 8, 71]) {
      const signature = Buffer.from(own.signature);
      signature[at]! ^= 1;
      expect(await say({ ...own, signature })).toBe(false);
    }
    await writeFile(join(folder, 'checkpoint'), checkpoint);
    expect((await checkWithGo(folder, key, [witness.verifier.text])).ok).toBe(false);
  });
});

describe('a mistake in our own tree', () => {
  const HASHING = '#libs/audit-log/merkle/hashing.js';
  type Hashing = typeof import('#libs/audit-log/merkle/hashing.js');

  afterEach(() => {
    vi.doUnmock(HASHING);
    vi.resetModules();
  });

  it.each<[string, (right: Hashing) => Partial<Hashing>]>([
    ['children in the wrong order', ({ hashChildren }) => ({ hashChildren: (a, b) => hashChildren(b, a) })],
    [
      'the prefix of a leaf before a node',
      ({ hashLeaf }) => ({ hashChildren: (a, b) => hashLeaf(Buffer.concat([a, b])) }),
    ],
    [
      'no prefix of a leaf',
      ({ hashChildren }) => ({ hashLeaf: (entry) => hashChildren(Buffer.from(entry), Buffer.alloc(0)) }),
    ],
  ])('is found by Go’s packages: %s', async (_, mistake) => {
    vi.resetModules();
    vi.doMock(HASHING, async (original) => {
      const right = (await original()) as Hashing;
      return { ...right, ...mistake(right) };
    });
    const { numberedTree: wrongTree } = await import('#test/support/audit-log/memory-tree.js');
    const { writeLog: writeWrongLog } = await import('./log-copy.js');
    const folder = await newFolder();
    await writeWrongLog(folder, wrongTree(300), signer);
    expect((await checkWithGo(folder, key)).ok).toBe(false);
  });
});
