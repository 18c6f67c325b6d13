import type { Json } from '#libs/domain/json.js';
import { keptPositionOf } from '../position.js';
import type { LogPosition } from '../position.js';

/** One small fact of a saved state. Rows are flat, so that even a large state can be cut into parts. */
export type SnapshotRow = readonly (string | number | null)[];

/** The rows of a state after everything up to `position` was handled. */
export type SavedRows = Readonly<{ position: LogPosition; rows: readonly SnapshotRow[] }>;

/** Data of one event in a snapshot stream. A snapshot counts only with all its parts. */
export type SnapshotPart = Readonly<{
  /** Version of the rows' form. A reader that does not know it skips the snapshot. */
  version: number;
  id: string;
  part: number;
  parts: number;
  position: Readonly<{ commit: string; prepare: string }>;
  rows: readonly SnapshotRow[];
}>;

type Saving = Readonly<{ id: string; version: number; position: LogPosition; rows: Iterable<SnapshotRow> }>;

/**
 * Cuts rows into at least one part, each with at most `maxBytes` of rows as JSON. A larger row gets a part of its own.
 */
export const toParts = ({ id, version, position, rows }: Saving, maxBytes: number): SnapshotPart[] => {
  const chunks: SnapshotRow[][] = [[]];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes > 0 && bytes + size > maxBytes) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(row);
    bytes += size;
  }
  return chunks.map((chunk, part) => ({
    version,
    id,
    part,
    parts: chunks.length,
    position: { commit: String(position.commit), prepare: String(position.prepare) },
    rows: chunk,
  }));
};

/** Puts the parts of snapshots together as they are read, newest first. */
export class SnapshotAssembly {
  readonly #found = new Map<string, Map<number, SnapshotPart>>();

  constructor(private readonly version: number) {}

  /**
   * Adds a part. Returns the snapshot if this part completes it. Other versions are skipped.
   * @throws RangeError when the snapshot's position is one that no event can have, because its contents can't be placed
   * then
   */
  addPart(data: Json): SavedRows | undefined {
    const part = data as unknown as SnapshotPart;
    if (part.version !== this.version) return undefined;
    const found = this.#found.get(part.id) ?? new Map<number, SnapshotPart>();
    this.#found.set(part.id, found.set(part.part, part));
    if (found.size < part.parts) return undefined;
    const inOrder = [...found.values()].toSorted((a, b) => a.part - b.part);
    const { commit, prepare } = part.position;
    const position = keptPositionOf(commit, prepare);
    if (!position) throw new RangeError(`it stands at ${commit}/${prepare}, where no event can be`);
    return { position, rows: inOrder.flatMap(({ rows }) => rows) };
  }
}
