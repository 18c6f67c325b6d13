import { StoreFault } from '../event-store.errors.js';
import type { StreamRead } from './read-request.js';

/**
 * A read of the server's list of scavenges. An entry that retention hides still counts in the stream's last revision.
 */
const RUNS = { stream: '$scavenges', direction: 'backwards', from: 'end', limit: 1 } as const;

/**
 * Returns whether events may be gone from the log: it was scavenged once, or the store does not let us know.
 * @throws StoreUnavailable
 */
export const wasScavenged = async (
  read: (read: StreamRead) => AsyncIterable<readonly unknown[]>,
): Promise<boolean> => {
  let last = -1;
  const onLastRevision = (revision: number): void => void (last = revision);
  try {
    let listed = 0;
    for await (const batch of read({ ...RUNS, onLastRevision })) listed += batch.length;
    return listed > 0 || last >= 0;
  } catch (error) {
    if (error instanceof StoreFault) return true;
    throw error;
  }
};
