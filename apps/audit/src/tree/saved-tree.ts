import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import { landmarkFromText, landmarkToText, type Landmark } from '#libs/event-store/continuity/landmark.js';
import type { SeenCheckpoint, SeenCheckpoints } from './seen-checkpoints.js';

/** The form of the file. A file of another form is not used, and the tree is built again. */
const FORM = 3;

/** A tree as it was after some event: everything that is needed to go on, beside the tree's files. */
export type SavedTree = Readonly<{
  frontier: Frontier;
  /** The event of the last leaf. */
  last: Landmark;
  seen: SeenCheckpoints;
  /** How many leaves the newest checkpoint does not cover, those of checkpoints left out. */
  unsigned: number;
}>;

type Written = Readonly<{
  form: number;
  size: number;
  edge: readonly string[];
  last: string;
  seen: Omit<SeenCheckpoints, 'newest'>;
  newest?: Omit<SeenCheckpoint, 'root'> & Readonly<{ root: string }>;
  unsigned: number;
}>;

export const savedToText = ({ frontier, last, seen, unsigned }: SavedTree): string => {
  const { newest, ...rest } = seen;
  const written: Written = {
    form: FORM,
    size: frontier.size,
    edge: frontier.edge.map((hash) => hash.toString('base64')),
    last: landmarkToText(last),
    seen: rest,
    ...(newest && { newest: { ...newest, root: newest.root.toString('base64') } }),
    unsigned,
  };
  return `${JSON.stringify(written)}\n`;
};

/** Reads what {@link savedToText} wrote; undefined for anything else. */
export const savedFromText = (text: string): SavedTree | undefined => {
  try {
    const { form, size, edge, last: place, seen, newest, unsigned } = JSON.parse(text) as Written;
    const last = landmarkFromText(place);
    if (form !== FORM || !last) return undefined;
    return {
      frontier: new Frontier(
        size,
        edge.map((hash) => Buffer.from(hash, 'base64')),
      ),
      last,
      seen: { ...seen, ...(newest && { newest: { ...newest, root: Buffer.from(newest.root, 'base64') } }) },
      unsigned,
    };
  } catch {
    return undefined;
  }
};

/** Returns the text of a file; undefined when there is none. @throws the file system's error */
export const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Replaces a file (mode 0600), so that it is complete and on disk, or the earlier one is. @throws the file system's error */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
