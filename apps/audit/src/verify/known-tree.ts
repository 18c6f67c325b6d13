import { join } from 'node:path';
import { readHeld, readKey, type HeldCheckpoint } from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import type { LeafSource } from '#libs/audit-verify/leaves/find-other-leaf.js';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import { readIfThere } from '../tree/saved-tree.js';
import type { TreeKeeper } from '../tree/tree-keeper.js';
import { REMEMBERED } from '../tree/tree-round.js';

/** Leaves that are read at once. */
const LEAVES = 8_192;

/** Returns the leaves of this process's tree, as far as it has them. */
export const leavesOf =
  (keeper: Pick<TreeKeeper, 'tree'>): LeafSource =>
  async (first, count) => {
    const { tree } = keeper;
    if (!tree || tree.size < first + count) return undefined;
    const parts: Buffer[] = [];
    for (let done = 0; done < count; done += LEAVES) {
      const span = { level: 0, first: first + done, count: Math.min(LEAVES, count - done) };
      parts.push(await tree.files.readNodes(span));
    }
    return Buffer.concat(parts);
  };

/**
 * Returns the newest checkpoint that this process knew, and the log's key then; undefined when it knew none.
 *
 * @throws UnfitInput when the file is damaged; the file system's error
 */
export const rememberedIn = async (
  folder: string,
): Promise<Readonly<{ checkpoint: HeldCheckpoint; key: NoteVerifier }> | undefined> => {
  const text = await readIfThere(join(folder, REMEMBERED));
  if (text === undefined) return undefined;
  const source = `the checkpoint in ${REMEMBERED}`;
  const { note, key } = parsed(text);
  const verifier = readKey(String(key));
  return { key: verifier, checkpoint: readHeld(source, String(note), verifier) };
};

const parsed = (text: string): Readonly<{ note?: unknown; key?: unknown }> => {
  try {
    return JSON.parse(text) as Readonly<{ note?: unknown; key?: unknown }>;
  } catch {
    return {};
  }
};
