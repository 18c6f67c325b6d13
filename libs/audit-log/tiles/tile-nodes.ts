import { HASH_BYTES, hashChildren } from '../merkle/hashing.js';
import { TILE_HEIGHT, TILE_WIDTH } from './tile-path.js';
import type { Hash } from '../merkle/hashing.js';
import type { HashReader } from '../merkle/make-proof.js';
import type { Subtree } from '../merkle/subtrees.js';

/** The nodes of a level of tiles that lie under a node of the tree: `count` of them, from number `first` on. */
export type TileSpan = Readonly<{ level: number; first: number; count: number }>;

/** Reads neighbouring nodes of a level of tiles, 32 bytes each, one after the other. None crosses a tile's border. */
export type TileReader = (span: TileSpan) => Promise<Buffer>;

/** Returns where in the tiles the hash of a full subtree can be computed from. */
export const spanUnder = ({ level, index }: Subtree): TileSpan => {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level - tileLevel * TILE_HEIGHT);
  return { level: tileLevel, first: index * count, count };
};

/** Returns the root of a full subtree. @throws RangeError unless it gets as many hashes as a full subtree has */
export const rootOfSpan = (hashes: Buffer): Hash => {
  let row: Hash[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) row.push(hashes.subarray(at, at + HASH_BYTES));
  if (hashes.length % HASH_BYTES !== 0 || row.length > TILE_WIDTH || !Number.isInteger(Math.log2(row.length)))
    throw new RangeError(`${hashes.length} bytes are not the hashes of a full subtree`);
  while (row.length > 1)
    row = row.flatMap((left, at) => (at % 2 === 0 ? [hashChildren(left, row[at + 1]!)] : []));
  return row[0]!;
};

/** Returns a reader of the tree's nodes that computes them from tiles. */
export const nodesFromTiles =
  (readTile: TileReader): HashReader =>
  (nodes) =>
    Promise.all(nodes.map(async (node) => rootOfSpan(await readTile(spanUnder(node)))));
