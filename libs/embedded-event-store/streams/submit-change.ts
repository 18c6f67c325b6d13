import { notReady, timedOut } from '../protocol/store-errors.js';
import type { Change, ChangeOutcome } from '../storage/append-group.js';
import { WriterClosed, type LogWriter } from '../storage/log-writer.js';

/** Has a change written. @throws RpcError if it could not be synced, or the store is closing */
export const submit = async (writer: LogWriter, change: Change): Promise<ChangeOutcome> => {
  try {
    return await writer.submit(change);
  } catch (error) {
    throw error instanceof WriterClosed ? notReady() : timedOut((error as Error).message);
  }
};
