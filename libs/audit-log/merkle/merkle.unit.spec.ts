import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTree, numberedTree } from '#test/support/audit-log/memory-tree.js';
import { Frontier } from './frontier.js';
import { hashLeaf } from './hashing.js';
import { proveConsistency, proveInclusion, rootOf } from './make-proof.js';
import { provesConsistency, provesInclusion } from './verify-proof.js';
import type { Hash } from './hashing.js';

/** The Merkle Tree Hash of RFC 6962, section 2.1, as its definition has it. */
const merkleTreeHash = (entries: readonly Uint8Array[]): Buffer => {
  if (entries.length === 0) return createHash('sha256').digest();
  if (entries.length === 1)
    return createHash('sha256')
      .update(Buffer.concat([Buffer.of(0), entries[0]!]))
      .digest();
  const split = 2 ** Math.floor(Math.log2(entries.length - 1));
  const children = [merkleTreeHash(entries.slice(0, split)), merkleTreeHash(entries.slice(split))];
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), ...children]))
    .digest();
};

/** The leaves and roots with which the reference implementation of certificate transparency is tested. */
const VECTOR_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const VECTOR_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** Enough leaves for three levels of tiles would take too long; two levels and a partial tile are here. */
const TREE = numberedTree(700);
const sizes = fc.integer({ min: 1, max: TREE.entries.length });
/** A tree's size and something within it, each of which may also be at an end. */
const within = (least: number) =>
  sizes.chain((size) => fc.tuple(fc.integer({ min: least, max: size }), fc.constant(size)));

/** The same proof with one bit of one byte changed. */
const changed = (proof: readonly Hash[], at: number): Hash[] => {
  const copies = proof.map((hash) => Buffer.from(hash));
  const bit = at % (copies.length * 256);
  const hash = copies[Math.floor(bit / 256)]!;
  hash[Math.floor((bit % 256) / 8)]! ^= 1 << (bit % 8);
  return copies;
};

describe('a tree', () => {
  it('has the roots of the reference implementation', () => {
    const tree = new MemoryTree(VECTOR_LEAVES.map((hex) => Buffer.from(hex, 'hex')));
    expect(tree.heads.map(({ root }) => root.toString('hex'))).toEqual(VECTOR_ROOTS);
  });

  it('has the root that RFC 6962 defines, at every size', () => {
    for (let size = 0; size <= 70; size += 1)
      expect(TREE.heads[size]!.root).toEqual(merkleTreeHash(TREE.entries.slice(0, size)));
  });

  it('has the same root wherever its growth was interrupted', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 300 }),
        pauses,
        (entries, stops) => {
          let tree = new Frontier();
          for (const [index, entry] of entries.entries()) {
            if (stops.includes(index)) tree = new Frontier(tree.size, tree.edge);
            tree.append(hashLeaf(entry));
          }
          expect(tree.size).toBe(entries.length);
          expect(tree.root()).toEqual(merkleTreeHash(entries));
        },
      ),
    );
  });

  it('is not made of an edge that does not fit its size', () => {
    const leaf = hashLeaf(Buffer.from('x'));
    expect(() => new Frontier(3, [leaf])).toThrow('A tree of 3 leaves has 2 full subtrees, not 1');
    expect(() => new Frontier(-1, [])).toThrow(RangeError);
  });

  it('computes the root of any of its beginnings from its tiles', async () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 700])
      expect(await rootOf(size, TREE.nodes)).toEqual(TREE.heads[size]!.root);
    await expect(async () => rootOf(0, TREE.nodes)).rejects.toThrow(RangeError);
  });
});

describe('a proof of inclusion', () => {
  const places = within(1).map(([ordinal, size]) => [ordinal - 1, size] as const);

  it('holds for every leaf of every tree, and for no other leaf', async () => {
    await fc.assert(
      fc.asyncProperty(places, fc.nat(699), async ([index, size], other) => {
        const proof = await proveInclusion(index, size, TREE.nodes);
        const head = TREE.heads[size]!;
        expect(provesInclusion(proof, TREE.leaf(index), head)).toBe(true);
        const same = other === index;
        expect(provesInclusion(proof, TREE.leaf(other), head)).toBe(same);
        expect(provesInclusion(proof, { index: other, hash: TREE.leaf(index).hash }, head)).toBe(same);
        expect(provesInclusion([...proof, TREE.leaf(0).hash], TREE.leaf(index), head)).toBe(false);
        expect(provesInclusion(proof.slice(0, -1), TREE.leaf(index), head)).toBe(proof.length === 0);
      }),
    );
  });

  it('fails when a bit of it, of the leaf or of the root is changed, or two hashes are swapped', async () => {
    await fc.assert(
      fc.asyncProperty(places, fc.nat(), async ([index, size], at) => {
        const proof = await proveInclusion(index, size, TREE.nodes);
        const { hash } = TREE.leaf(index);
        const [leaf, root, ...path] = changed([hash, TREE.heads[size]!.root, ...proof], at);
        expect(provesInclusion(path, { index, hash: leaf! }, { size, root: root! })).toBe(false);
        const swapped = [proof[1]!, proof[0]!, ...proof.slice(2)];
        if (proof.length >= 2)
          expect(provesInclusion(swapped, TREE.leaf(index), TREE.heads[size]!)).toBe(false);
      }),
    );
  });

  it('is refused for a leaf that is not there', async () => {
    for (const [index, size] of [
      [3, 3],
      [-1, 3],
      [0.5, 3],
      [0, 0],
    ] as const)
      await expect(async () => proveInclusion(index, size, TREE.nodes)).rejects.toThrow(RangeError);
    expect(provesInclusion([], { index: 3, hash: TREE.leaf(0).hash }, TREE.heads[3]!)).toBe(false);
    expect(provesInclusion([Buffer.alloc(31)], TREE.leaf(0), TREE.heads[2]!)).toBe(false);
  });
});

describe('a proof of consistency', () => {
  it('holds from every tree to every later one', async () => {
    await fc.assert(
      fc.asyncProperty(within(0), async ([earlier, size]) => {
        const proof = await proveConsistency(earlier, size, TREE.nodes);
        expect(provesConsistency(proof, TREE.heads[earlier]!, TREE.heads[size]!)).toBe(true);
        expect(
          provesConsistency([...proof, TREE.heads[1]!.root], TREE.heads[earlier]!, TREE.heads[size]!),
        ).toBe(false);
      }),
    );
  });

  it('fails when a bit of it or of a root is changed, and for a tree that was rewritten', async () => {
    await fc.assert(
      fc.asyncProperty(within(1), fc.nat(), async ([earlier, size], at) => {
        const proof = await proveConsistency(earlier, size, TREE.nodes);
        const [small, large] = [TREE.heads[earlier]!, TREE.heads[size]!];
        const [first, second, ...path] = changed([small.root, large.root, ...proof], at);
        expect(provesConsistency(path, { ...small, root: first! }, { ...large, root: second! })).toBe(false);
        const rewritten = TREE.heads[earlier - 1]!.root;
        expect(provesConsistency(proof, { size: earlier, root: rewritten }, large)).toBe(false);
      }),
    );
  });

  it('is refused from a tree that is larger', async () => {
    await expect(async () => proveConsistency(3, 2, TREE.nodes)).rejects.toThrow(
      'no tree of 3 leaves in one of 2',
    );
    expect(provesConsistency([], TREE.heads[3]!, TREE.heads[2]!)).toBe(false);
  });
});
