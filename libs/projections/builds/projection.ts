import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { CopyValue } from '../postgres/copy-text.js';
import type { Transaction } from '../postgres/transaction.js';
import type { BuildTables } from './build-tables.js';
import type { TableShape } from './table-shape.js';

/** A read model as code: its tables, which events it wants and what they change. */
export interface Projection {
  /** Also names its checkpoint. */
  readonly name: string;
  /** Raised when the tables or the rows made of the same events change: the read model is then built anew by itself. */
  readonly version: number;
  readonly tables: readonly TableShape[];
  /** The log is filtered by these at the server. */
  readonly streamPrefixes: readonly string[];
  readonly eventTypes: readonly string[];
  /**
   * Writes the rows of a batch, in log order. Must do no more and no less when events are given again, and must not
   * depend on how the log was cut into batches.
   *
   * @throws whatever makes an event impossible to apply: nothing of the batch is kept and the projection stops there
   */
  apply(events: readonly PositionedEvent[], tx: Transaction, table: BuildTables): Promise<void>;
  /** How a build that nobody reads yet is filled at several times the speed. Without it `apply` does it. */
  readonly load?: Load;
}

/** Loading: each event becomes a row that is copied in; what events change of each other's rows is made good at the end. */
export interface Load {
  /** Name of the table, one of the projection's. Until it is settled it has no index but its key's. */
  readonly table: string;
  readonly columns: readonly string[];
  /** @throws whatever makes the event impossible to apply: loading ends before it and `apply` goes on */
  row(event: PositionedEvent): readonly [CopyValue, ...CopyValue[]];
  /** Brings the loaded rows to what `apply` would have made of the same events. In one transaction with the end of loading. */
  settle(tx: Transaction, table: BuildTables): Promise<void>;
}
