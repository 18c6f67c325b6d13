import { randomUUID } from 'node:crypto';
import { randomUuid } from '../rules/uuid.js';
import { NO_EVENTS } from '../rules/expected-revision.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogWriter } from '../storage/log-writer.js';
import { EPOCH_STREAM, STANDARD_USERS, startEvents, userStream, type SystemEvent } from './start-events.js';

const NOTHING = Buffer.alloc(0);

export interface Node {
  readonly log: EventLog;
  readonly writer: LogWriter;
  /** Whether clients have to log in, so that users exist. */
  readonly hasUsers: boolean;
}

/**
 * Writes the events of a node that becomes the leader, all together. A failure (a full disk, damage) does not prevent
 * the start: `say` is called, and the next start writes what is missing.
 */
export const writeStartEvents = async (node: Node, say: (line: string) => void): Promise<void> => {
  try {
    const events = startEvents(startOf(node));
    await Promise.all(events.map((event) => append(node.writer, event)));
  } catch (error) {
    say(`could not record the start in the log: ${(error as Error).message}`);
  }
};

const startOf = ({ log, hasUsers }: Node) => {
  const last = lastRevision(log, EPOCH_STREAM);
  const id = log.streamState(EPOCH_STREAM)?.id;
  const previous = id === undefined ? undefined : log.entryAt(id, last);
  return {
    at: new Date(),
    epoch: last + 1,
    position: log.nextPosition,
    previousPosition: previous?.position ?? -1,
    epochId: randomUUID(),
    instanceId: randomUUID(),
    missingUsers: hasUsers
      ? STANDARD_USERS.filter(({ name }) => lastRevision(log, userStream(name)) === NO_EVENTS)
      : [],
  };
};

const lastRevision = (log: EventLog, stream: string): number =>
  log.streamState(stream)?.lastRevision ?? NO_EVENTS;

const append = (writer: LogWriter, { stream, type, isJson, data }: SystemEvent) =>
  writer.submit({
    kind: 'append',
    stream,
    expected: 'any',
    events: [{ id: randomUuid(), type, isJson, data: Buffer.from(data), metadata: NOTHING }],
  });
