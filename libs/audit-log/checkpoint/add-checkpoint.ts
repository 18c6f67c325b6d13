import { HASH_BYTES } from '../merkle/hashing.js';
import { bytesOf } from '../note/note-key.js';
import type { Hash } from '../merkle/hashing.js';

/** What a log sends to a witness: its new checkpoint, and the proof that it continues the one the witness knows. */
export type AddCheckpoint = Readonly<{
  /** The leaves of the last checkpoint that the witness has cosigned; 0 for none. */
  oldSize: number;
  proof: readonly Hash[];
  /** The signed checkpoint. */
  checkpoint: string;
}>;

const MAX_HASHES = 63;

/** Returns the body of `POST …/add-checkpoint` (C2SP tlog-witness). */
export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): string =>
  `old ${oldSize}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${checkpoint}`;

/** Reads such a body. Nothing in it is verified. @throws RangeError when it is not one */
export const parseAddCheckpoint = (body: string): AddCheckpoint => {
  const end = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, Math.max(0, end)).split('\n');
  const old = /^old (0|[1-9]\d*)$/.exec(first)?.[1];
  if (old === undefined || !Number.isSafeInteger(Number(old)))
    throw new RangeError('The first line must be "old" and the size of the last checkpoint');
  if (lines.length > MAX_HASHES) throw new RangeError(`A proof has at most ${MAX_HASHES} hashes`);
  const proof = lines.map((line) => {
    const hash = bytesOf(line);
    if (hash?.length !== HASH_BYTES) throw new RangeError('A line of the proof is not a hash in base64');
    return hash;
  });
  return { oldSize: Number(old), proof, checkpoint: body.slice(end + 2) };
};
