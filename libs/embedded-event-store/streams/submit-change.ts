import { dataLost, notReady, notWritten, timedOut } from '../protocol/store-errors.js';
import { DamagedLog } from '../record/damaged-log.js';
import type { Change, ChangeOutcome } from '../storage/append-group.js';
import { NotWritten, WriterClosed, type LogWriter } from '../storage/log-writer.js';

/**
 * Writes a change. @throws RpcError if it could not be synced, the store is closing, or data that it depends on is
 * damaged
 */
export const submit = async (writer: LogWriter, change: Change): Promise<ChangeOutcome> => {
  try {
    return await writer.submit(change);
  } catch (error) {
    if (error instanceof DamagedLog) throw dataLost(error);
    if (error instanceof NotWritten) throw notWritten(error.message);
    throw error instanceof WriterClosed ? notReady() : timedOut((error as Error).message);
  }
};
