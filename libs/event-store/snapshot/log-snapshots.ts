import { randomUUID } from 'node:crypto';
import { SnapshotAssembly, toParts } from './snapshot-parts.js';
import type { EventStore } from '../event-store.js';
import type { LogPosition } from '../position.js';
import type { NewEvent, RecordedEvent } from '../recorded-event.js';
import type { SnapshotPart, SnapshotRow } from './snapshot-parts.js';
import { newEvent } from '../codec/new-event.js';

/** Bytes of one part, well below the store's limit of 1 MiB for an append. */
const PART_BYTES = 768 * 1024;
/** Number of snapshots that stay readable, so that a partly written one does not push out the last complete one. */
const KEPT = 4;

/** Says how and where a state is saved. */
export type SnapshotFormat<State> = Readonly<{
  stream: string;
  type: string;
  /** Version of the rows' form. Snapshots of another version are skipped. */
  version: number;
  toRows(state: State): Iterable<SnapshotRow>;
  /** @throws Error when the rows are not ours */
  fromRows(rows: readonly SnapshotRow[]): State;
}>;

/** The state after everything up to `position` was handled. */
export type Snapshot<State> = Readonly<{ position: LogPosition; state: State }>;

type Store = Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>;

/**
 * Keeps snapshots of a state that is folded from the log. They are stored in the log itself, so that a snapshot is
 * never ahead of the log or from another one. They only save time: without any, everything is folded from the start of
 * the log.
 */
export class LogSnapshots<State> {
  #keptParts = 0;

  constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly format: SnapshotFormat<State>,
    private readonly partBytes = PART_BYTES,
    /** Called with the reason for each snapshot that is complete but unusable. */
    private readonly onUnsound: (message: string) => void = () => undefined,
  ) {}

  /**
   * Returns the newest snapshot that is complete and of the present version.
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
   * Adds a snapshot and lets the store forget old ones. Returns its number of rows.
   * @throws StoreUnavailable; a partly written snapshot is skipped by readers
   */
  async appendSnapshot({ position, state }: Snapshot<State>): Promise<number> {
    const { stream, version, toRows } = this.format;
    const parts = toParts({ id: randomUUID(), version, position, rows: toRows(state) }, this.partBytes);
    await this.#keep(parts.length);
    for (const part of parts) await this.store.append(stream, [this.#eventOf(part)], 'any');
    return parts.reduce((rows, part) => rows + part.rows.length, 0);
  }

  /** Ignores an unusable snapshot and reports it: the log contains everything. */
  #completedBy({ data, revision }: RecordedEvent, assembly: SnapshotAssembly): Snapshot<State> | undefined {
    try {
      const saved = assembly.addPart(data);
      return saved && { position: saved.position, state: this.format.fromRows(saved.rows) };
    } catch (error) {
      const { message } = error as Error;
      this.onUnsound(`Snapshot ${this.format.stream} ${revision} is skipped: ${message}`);
      return undefined;
    }
  }

  async #keep(parts: number): Promise<void> {
    if (parts <= this.#keptParts) return;
    await this.store.setStreamMetadata(this.format.stream, { maxCount: KEPT * parts });
    this.#keptParts = parts;
  }

  #eventOf(part: SnapshotPart): NewEvent {
    return newEvent({ type: this.format.type, data: part }, { correlationId: part.id, node: this.node });
  }
}
