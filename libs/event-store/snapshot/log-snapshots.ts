import { randomUUID } from 'node:crypto';
import { SnapshotAssembly, toParts } from './snapshot-parts.js';
import type { EventStore } from '../event-store.js';
import type { LogPosition } from '../position.js';
import type { NewEvent, RecordedEvent } from '../recorded-event.js';
import type { SnapshotPart, SnapshotRow } from './snapshot-parts.js';

/** Well under the store's limit of 1 MiB for an append. */
const PART_BYTES = 768 * 1024;
/** How many snapshots stay readable, so that one written in part does not push the last whole one out. */
const KEPT = 4;

/** How a state is saved, and where. */
export type SnapshotFormat<State> = Readonly<{
  stream: string;
  type: string;
  /** Of the rows' form. Another one is passed over. */
  version: number;
  toRows(state: State): Iterable<SnapshotRow>;
  /** @throws Error when the rows are none of ours */
  fromRows(rows: readonly SnapshotRow[]): State;
}>;

/** A state as it was when everything up to `position` had been handled. */
export type Snapshot<State> = Readonly<{ position: LogPosition; state: State }>;

type Store = Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>;

/**
 * Snapshots of what is folded from the log, kept in the log itself: one can never be ahead of the log or belong to
 * another. They are a shortcut only: without any, everything is folded from the log's start.
 */
export class LogSnapshots<State> {
  #keptParts = 0;

  constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly format: SnapshotFormat<State>,
    private readonly partBytes = PART_BYTES,
    /** Told of each that is whole and yet of no use, and why. */
    private readonly onUnsound: (message: string) => void = () => undefined,
  ) {}

  /**
   * The newest one that is whole and of a version we know.
   * @throws StoreUnavailable
   */
  async newest(): Promise<Snapshot<State> | undefined> {
    const { stream, type, version } = this.format;
    const assembly = new SnapshotAssembly(version);
    for await (const event of this.store.readStream(stream, { direction: 'backwards' })) {
      if (event.type !== type) continue;
      const snapshot = this.#completedBy(event, assembly);
      if (snapshot) return snapshot;
    }
    return undefined;
  }

  /**
   * Adds a snapshot and lets the store forget old ones. Returns its size in rows.
   * @throws StoreUnavailable; what was written in part is passed over when read
   */
  async add({ position, state }: Snapshot<State>): Promise<number> {
    const { stream, version, toRows } = this.format;
    const parts = toParts({ id: randomUUID(), version, position, rows: toRows(state) }, this.partBytes);
    await this.#keep(parts.length);
    for (const part of parts) await this.store.append(stream, [this.#eventOf(part)], 'any');
    return parts.reduce((rows, part) => rows + part.rows.length, 0);
  }

  /** An unsound one is as good as none: the log has it all. */
  #completedBy({ data, revision }: RecordedEvent, assembly: SnapshotAssembly): Snapshot<State> | undefined {
    try {
      const saved = assembly.add(data);
      return saved && { position: saved.position, state: this.format.fromRows(saved.rows) };
    } catch (error) {
      const { message } = error as Error;
      this.onUnsound(`Snapshot ${this.format.stream} ${revision} is passed over: ${message}`);
      return undefined;
    }
  }

  async #keep(parts: number): Promise<void> {
    if (parts <= this.#keptParts) return;
    await this.store.setStreamMetadata(this.format.stream, { maxCount: KEPT * parts });
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
    return { eventId: randomUUID(), type: this.format.type, data: part, metadata };
  }
}
