import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import type { MemoryTree } from '#test/support/audit-log/memory-tree.js';
import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { proveConsistency, proveInclusion } from '#libs/audit-log/merkle/make-proof.js';
import { encodeBundle } from '#libs/audit-log/tiles/entry-bundle.js';
import { TILE_WIDTH, formatTilePath } from '#libs/audit-log/tiles/tile-path.js';
import type { NoteSigner } from '#libs/audit-log/note/note-key.js';

/** Writes a log as it is served, with some proofs, where `check.go` looks for it. */
export const writeLog = async (folder: string, tree: MemoryTree, signer: NoteSigner): Promise<void> => {
  const write = async (path: string, content: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const { size } = tree.frontier;
  await write('checkpoint', signCheckpoint(tree.heads[size]!, signer));
  for (const [level, nodes] of tree.levels.entries())
    for (const [path, hashes] of inTiles(level, nodes)) await write(path, Buffer.concat(hashes));
  for (const [path, entries] of inTiles('entries', tree.entries)) await write(path, encodeBundle(entries));
  await write('proofs.json', JSON.stringify(await someProofs(tree)));
};

const inTiles = <Item>(level: number | 'entries', items: readonly Item[]): [string, Item[]][] =>
  Array.from({ length: Math.ceil(items.length / TILE_WIDTH) }, (_, index) => {
    const inTile = items.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    return [`tile/${formatTilePath({ level, index, width: inTile.length })}`, inTile];
  });

/** Proofs for each leaf and from each earlier tree; of a large tree for about a hundred. */
const someProofs = async (tree: MemoryTree): Promise<object> => {
  const { heads, nodes } = tree;
  const { size } = tree.frontier;
  const chosen = Array.from({ length: size }, (_, index) => index).filter(
    (index) => size < 100 || index % Math.floor(size / 97) === 0 || index === size - 1,
  );
  const inclusion = chosen.map(async (index) => ({
    index,
    leaf: base64(tree.leafHash(index)),
    proof: (await proveInclusion(index, size, nodes)).map(base64),
  }));
  const consistency = chosen.map(async (index) => ({
    size: index + 1,
    root: base64(heads[index + 1]!.root),
    proof: (await proveConsistency(index + 1, size, nodes)).map(base64),
  }));
  return { inclusion: await Promise.all(inclusion), consistency: await Promise.all(consistency) };
};

const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** Runs `check.go` on a copy of a log, which these witnesses must have cosigned. Returns what it printed, and whether it found everything right. */
export const checkWithGo = (
  folder: string,
  key: string,
  witnesses: readonly string[] = [],
): Promise<Readonly<{ ok: boolean; said: string }>> =>
  new Promise((resolve) => {
    execFile(inject('goCheck'), [folder, key, ...witnesses], (error, stdout, stderr) =>
      resolve({ ok: error === null, said: `${stdout}${stderr}`.trim() }),
    );
  });
