import type { Transaction } from '../postgres/transaction.js';
import { applyChanges } from './apply-changes.js';
import { fromRow } from './message-row.js';
import type { SaidRow } from './message-row.js';

/** A fetched row. The driver returns 64-bit numbers as text. */
type Fetched = Omit<SaidRow, 'seq'> & Readonly<{ seq: string }>;

/** Changes that are applied at once. */
const BATCH = 1_000;

/**
 * Applies all edits and redactions in the table to the messages that they change, by channel, in log order. The cursor
 * returns them as they were at the start, because a redaction blanks edits of its message that come later in the same
 * reading.
 */
export const settleChanges = async (tx: Transaction, table: string): Promise<void> => {
  await tx.run(
    `DECLARE changes NO SCROLL CURSOR FOR
     SELECT channel, seq, id, bot, kind, body, data, reply_to AS "replyTo", correlation_id AS "correlationId",
       target, at, exact
     FROM ${table} WHERE kind <> 'posted' ORDER BY channel, seq`,
  );
  for (;;) {
    const changes = await tx.rows<Fetched>(`FETCH ${BATCH} FROM changes`);
    if (changes.length === 0) break;
    await applyChanges(
      changes.map((row) => fromRow({ ...row, seq: Number(row.seq) })),
      tx,
      table,
    );
  }
  await tx.run('CLOSE changes');
};
