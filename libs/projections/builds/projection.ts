import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { CopyValue } from '../postgres/copy-text.js';
import type { Transaction } from '../postgres/transaction.js';
import type { BuildTables } from './build-tables.js';
import type { TableShape } from './table-shape.js';

/** A read model as code: its tables, the events that it wants, and what they change. */
export interface Projection {
  /** Also the name of its checkpoint. */
  readonly name: string;
  /**
   * Raised when the tables change, or the rows that the same events produce. The read model is then rebuilt
   * automatically.
   */
  readonly version: number;
  readonly tables: readonly TableShape[];
  /** The server filters the log by these prefixes of stream names. */
  readonly streamPrefixes: readonly string[];
  readonly eventTypes: readonly string[];
  /**
   * Writes the rows of a batch, in log order. Repeated events must change nothing, and the result must not depend on
   * how the log was cut into batches.
   *
   * @throws whatever makes an event impossible to apply: nothing of the batch is kept and the projection stops there
   */
  apply(events: readonly PositionedEvent[], tx: Transaction, table: BuildTables): Promise<void>;
  /**
   * Takes over from the build before what the log no longer has. Runs in the transaction that makes a build the active
   * one. The result must be the same if it runs again.
   */
  inherit?(tx: Transaction, from: BuildTables, to: BuildTables): Promise<void>;
  /** Fills a build that nobody reads yet, several times faster than `apply`. Without it `apply` does the work. */
  readonly load?: Load;
}

/**
 * Turns each event into a row that is copied in. Changes that events make to each other's rows are applied at the end.
 */
export interface Load {
  /**
   * Name of the table, one of the projection's. Until the rows are settled it has no index except the one of its key.
   */
  readonly table: string;
  readonly columns: readonly string[];
  /** @throws whatever makes the event impossible to apply: loading ends before it and `apply` continues */
  row(event: PositionedEvent): readonly [CopyValue, ...CopyValue[]];
  /**
   * Turns the loaded rows into those that `apply` would have made of the same events. Runs in the transaction that ends
   * the loading.
   */
  settle(tx: Transaction, table: BuildTables): Promise<void>;
}
