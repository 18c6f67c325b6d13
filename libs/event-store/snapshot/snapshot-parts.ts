import type { Json } from '#libs/domain/json.js';
import { keptPositionOf } from '../position.js';
import type { LogPosition } from '../position.js';

/** One small fact of a saved state. Flat, so that even a large state can be cut into parts. */
export type SnapshotRow = readonly (string | number | null)[];

/** A state as it was when everything up to `position` had been handled. */
export type SavedRows = Readonly<{ position: LogPosition; rows: readonly SnapshotRow[] }>;

/** Data of one event of a snapshot stream. A snapshot counts only with all its parts. */
export type SnapshotPart = Readonly<{
  /** Of its rows' form; a reader that does not know it passes over the snapshot. */
  version: number;
  id: string;
  part: number;
  parts: number;
  position: Readonly<{ commit: string; prepare: string }>;
  rows: readonly SnapshotRow[];
}>;

type Saving = Readonly<{ id: string; version: number; position: LogPosition; rows: Iterable<SnapshotRow> }>;

/** At least one part, each with rows of at most `maxBytes` as JSON, a row larger than that by itself. */
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

/** Puts parts together as they are found, the newest first. */
export class SnapshotAssembly {
  readonly #found = new Map<string, Map<number, SnapshotPart>>();

  constructor(private readonly version: number) {}

  /**
   * The snapshot that this part completes, if it does. Other versions are passed over.
   * @throws RangeError when the snapshot is of no position that an event can have: what it holds can't be told
   */
  add(data: Json): SavedRows | undefined {
    const part = data as unknown as SnapshotPart;
    if (part.version !== this.version) return undefined;
    const found = this.#found.get(part.id) ?? new Map<number, SnapshotPart>();
    this.#found.set(part.id, found.set(part.part, part));
    if (found.size < part.parts) return undefined;
    const inOrder = [...found.values()].toSorted((a, b) => a.part - b.part);
    const { commit, prepare } = part.position;
    const position = keptPositionOf(commit, prepare);
    if (!position) throw new RangeError(`it stands at ${commit}/${prepare}, where no event can lie`);
    return { position, rows: inOrder.flatMap(({ rows }) => rows) };
  }
}
