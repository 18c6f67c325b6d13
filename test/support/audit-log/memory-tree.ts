import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { nodesFromTiles } from '#libs/audit-log/tiles/tile-nodes.js';
import { TILE_HEIGHT } from '#libs/audit-log/tiles/tile-path.js';
import type { Hash } from '#libs/audit-log/merkle/hashing.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';

/** A tree in memory that keeps the nodes from which tiles are made. */
export class MemoryTree {
  readonly frontier = new Frontier();
  /** The tree's head after each leaf. */
  readonly heads: TreeHead[] = [{ size: 0, root: this.frontier.root() }];
  /** The nodes of each level of tiles, one after the other. */
  readonly levels: Hash[][] = [];
  readonly nodes = nodesFromTiles(async ({ level, first, count }) =>
    Buffer.concat(this.levels[level]!.slice(first, first + count)),
  );

  constructor(readonly entries: readonly Uint8Array[]) {
    for (const entry of entries) {
      this.frontier.append(hashLeaf(entry), ({ level, hash }) => {
        if (level % TILE_HEIGHT === 0) (this.levels[level / TILE_HEIGHT] ??= []).push(hash);
      });
      this.heads.push({ size: this.frontier.size, root: this.frontier.root() });
    }
  }

  leafHash(index: number): Hash {
    return hashLeaf(this.entries[index]!);
  }

  leaf(index: number): { index: number; hash: Hash } {
    return { index, hash: this.leafHash(index) };
  }
}

/** Returns a tree of so many leaves. Each is the text of its number. */
export const numberedTree = (size: number): MemoryTree =>
  new MemoryTree(Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`)));
