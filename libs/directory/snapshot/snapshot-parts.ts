import { fromRows, toRows } from './snapshot-rows.js';
import type { Json } from '#libs/domain/json.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { DirectoryState } from '../directory.js';
import type { SnapshotRow } from './snapshot-rows.js';

/** A directory as it was when everything up to `position` had been handled. */
export type Snapshot = Readonly<{ position: LogPosition; state: DirectoryState }>;

/** Data of one event of the snapshot stream. A snapshot counts only with all its parts. */
export type SnapshotPart = Readonly<{
  /** Of this format; a reader that does not know it passes over the snapshot. */
  version: number;
  id: string;
  part: number;
  parts: number;
  position: Readonly<{ commit: string; prepare: string }>;
  rows: readonly SnapshotRow[];
}>;

export const SNAPSHOT_VERSION = 1;

/** At least one part, each with rows of at most `maxBytes` as JSON, a row larger than that by itself. */
export const toParts = (id: string, { position, state }: Snapshot, maxBytes: number): SnapshotPart[] => {
  const chunks: SnapshotRow[][] = [[]];
  let bytes = 0;
  for (const row of toRows(state)) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes > 0 && bytes + size > maxBytes) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(row);
    bytes += size;
  }
  return chunks.map((rows, part) => ({
    version: SNAPSHOT_VERSION,
    id,
    part,
    parts: chunks.length,
    position: { commit: String(position.commit), prepare: String(position.prepare) },
    rows,
  }));
};

/** Puts parts together as they are found, the newest first. */
export class SnapshotAssembly {
  readonly #found = new Map<string, Map<number, SnapshotPart>>();

  /**
   * The snapshot that this part completes, if it does. Other versions are passed over.
   * @throws TypeError when the completed snapshot is not sound
   */
  add(data: Json): Snapshot | undefined {
    const part = data as unknown as SnapshotPart;
    if (part.version !== SNAPSHOT_VERSION) return undefined;
    const found = this.#found.get(part.id) ?? new Map<number, SnapshotPart>();
    this.#found.set(part.id, found.set(part.part, part));
    if (found.size < part.parts) return undefined;
    const inOrder = [...found.values()].toSorted((a, b) => a.part - b.part);
    const position = { commit: BigInt(part.position.commit), prepare: BigInt(part.position.prepare) };
    return { position, state: fromRows(inOrder.flatMap(({ rows }) => rows)) };
  }
}
