import { randomUUID } from 'node:crypto';
import { SnapshotAssembly, toParts } from './snapshot-parts.js';
import type { Json } from '#libs/domain/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import type { Snapshot, SnapshotPart } from './snapshot-parts.js';

export const SNAPSHOT_STREAM = 'snapshot-directory';
const SNAPSHOT_TYPE = 'DirectorySnapshotTaken';

/** Well under the store's limit of 1 MiB for an append. */
const PART_BYTES = 768 * 1024;
/** How many snapshots stay readable, so that one written in part does not push the last whole one out. */
const KEPT = 4;

type Store = Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>;

/**
 * Snapshots of the directory, kept in the log itself: one can never be ahead of the log or belong to another. They are
 * a shortcut only: without any, everything is folded from the log's start.
 */
export class DirectorySnapshots {
  #keptParts = 0;

  constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly partBytes = PART_BYTES,
  ) {}

  /**
   * The newest one that is whole and of a version we know.
   * @throws StoreUnavailable
   */
  async newest(): Promise<Snapshot | undefined> {
    const assembly = new SnapshotAssembly();
    for await (const event of this.store.readStream(SNAPSHOT_STREAM, { direction: 'backwards' })) {
      if (event.type !== SNAPSHOT_TYPE) continue;
      const snapshot = addOrPassOver(assembly, event.data);
      if (snapshot) return snapshot;
    }
    return undefined;
  }

  /**
   * Adds a snapshot and lets the store forget old ones. Returns its size in rows.
   * @throws StoreUnavailable; what was written in part is passed over when read
   */
  async add(snapshot: Snapshot): Promise<number> {
    const parts = toParts(randomUUID(), snapshot, this.partBytes);
    await this.#keep(parts.length);
    for (const part of parts) await this.store.append(SNAPSHOT_STREAM, [this.#eventOf(part)], 'any');
    return parts.reduce((rows, part) => rows + part.rows.length, 0);
  }

  async #keep(parts: number): Promise<void> {
    if (parts <= this.#keptParts) return;
    await this.store.setStreamMetadata(SNAPSHOT_STREAM, { maxCount: KEPT * parts });
    this.#keptParts = parts;
  }

  #eventOf(part: SnapshotPart): NewEvent {
    const metadata = {
      actor: { kind: 'system' },
      $correlationId: part.id,
      $causationId: part.id,
      schema: 1,
      node: this.node,
    } as const;
    return { eventId: randomUUID(), type: SNAPSHOT_TYPE, data: part, metadata };
  }
}

/** An unsound one is as good as none: the log has it all. */
const addOrPassOver = (assembly: SnapshotAssembly, data: Json): Snapshot | undefined => {
  try {
    return assembly.add(data);
  } catch {
    return undefined;
  }
};
