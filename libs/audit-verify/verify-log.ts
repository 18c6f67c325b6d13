import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { conclude } from './conclude.js';
import { IdRegister } from './ids/id-register.js';
import { LogVerifier } from './log-verifier.js';
import { MAX_FINDINGS, type Verification } from './verification.js';
import type { VerifyOptions } from './verify-options.js';

/**
 * Reads a whole log once and says whether it is the one that was signed. Memory does not depend on the number of events.
 *
 * @param events all events of the log in its order; those of streams that are not in the tree may be missing
 * @throws UnfitInput when what was given does not fit together; the file system's error; whatever `events` throws
 */
export const verifyLog = async (
  events: AsyncIterable<readonly StoredEvent[]>,
  options: VerifyOptions,
): Promise<Verification> => {
  const { held, key, scratch, onProgress } = options;
  const ids = new IdRegister(scratch);
  try {
    const verifier = new LogVerifier({ key, held, ids });
    for await (const batch of events) {
      for (const event of batch) verifier.addEvent(event);
      await ids.makeRoom();
      const last = batch.at(-1);
      if (last) onProgress?.({ events: verifier.tree.size, position: last.position.commit });
    }
    verifier.endOfLog();
    for (const { first, later } of await ids.findRepeated(MAX_FINDINGS))
      verifier.findings.addFinding({
        kind: 'repeated_id',
        text: `Its bot and message id are those of the event at position ${first}`,
        at: { position: `${later}` },
      });
    return await conclude(verifier, options);
  } finally {
    await ids.close();
  }
};
