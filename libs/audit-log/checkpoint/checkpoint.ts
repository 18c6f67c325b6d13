import { HASH_BYTES } from '../merkle/hashing.js';
import type { TreeHead } from '../merkle/verify-proof.js';
import { bytesOf } from '../note/note-key.js';

/** What a log says of itself: its name, how many leaves it has, and their root (C2SP tlog-checkpoint). */
export type Checkpoint = TreeHead & Readonly<{ origin: string }>;

/** Returns the text of a checkpoint, ready to be signed. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** Reads the text of a checkpoint. Lines after the root are extensions, and are left out. @throws RangeError */
export const parseCheckpoint = (text: string): Checkpoint => {
  const lines = text.split('\n');
  const [origin = '', size = '', root = '', ...more] = lines;
  const hash = bytesOf(root);
  if (more.pop() !== '' || more.includes('') || origin === '')
    throw new RangeError('A checkpoint has at least three lines, and none of them is empty');
  if (!/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw new RangeError('The second line of a checkpoint is the number of its leaves');
  if (hash?.length !== HASH_BYTES)
    throw new RangeError('The third line of a checkpoint is a hash of 32 bytes in base64');
  return { origin, size: Number(size), root: hash };
};
