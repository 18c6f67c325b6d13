import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Transaction } from '../postgres/transaction.js';

/** The tables of one build; `messages` is `messages_g1` in generation 1. */
export type BuildTables = (name: string) => string;

/** A read model as code: which events it wants and what they change. */
export interface Projection {
  /** Also names its checkpoint. */
  readonly name: string;
  /** Raised when the same events would give other rows: tables of another version are not written to. */
  readonly version: number;
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
}

export const tablesOf =
  (generation: number): BuildTables =>
  (name) =>
    `${name}_g${generation}`;
