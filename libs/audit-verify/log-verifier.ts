import { encodeEntry, encodeLostEntry } from '#libs/audit-log/entry/event-entry.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { isInTree } from '#libs/domain/audit/tree-streams.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { isSystemEvent } from '#libs/event-store/codec/decode-event.js';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { HeldCheckpoint } from './checkpoints/held-checkpoint.js';
import { LoggedCheckpoints } from './checkpoints/logged-checkpoints.js';
import { FindingList } from './finding-list.js';
import type { EventPlace, Finding } from './finding.js';
import type { IdRegister } from './ids/id-register.js';
import { messageKeyOf } from './ids/message-key.js';
import { ComparedTree } from './leaves/compared-tree.js';
import { StreamOrder } from './stream-order.js';

export type LogVerifierParts = Readonly<{
  /** The log's key, from somewhere else than the log. */
  key?: NoteVerifier | undefined;
  held: readonly HeldCheckpoint[];
  ids: Pick<IdRegister, 'addId'>;
}>;

/** An event that can't be read. */
export type LostEvent = Finding & Readonly<{ at: Required<EventPlace> }>;

/** How many lost events are named. */
const MAX_LOST = 1_000;

/**
 * Takes the events of a log, one after the other, and notes everything that is wrong. It believes nothing that the log
 * says of itself but what a checkpoint proves.
 */
export class LogVerifier {
  readonly findings = new FindingList();
  readonly tree: ComparedTree;
  readonly logged: LoggedCheckpoints;
  messages = 0;
  /** How many events can't be read, and the first of them. */
  lost = 0;
  readonly lostEvents: LostEvent[] = [];
  readonly #order = new StreamOrder();
  readonly #ids: LogVerifierParts['ids'];

  constructor({ key, held, ids }: LogVerifierParts) {
    this.tree = new ComparedTree(held);
    this.logged = new LoggedCheckpoints(key);
    this.#ids = ids;
  }

  /** The number of streams met. */
  get streams(): number {
    return this.#order.streams;
  }

  /** Takes the next event of the log. Events of streams that are not in the tree are left out. */
  addEvent(event: StoredEvent): void {
    const { stream, revision } = event;
    if (!isInTree(stream) || isSystemEvent(event, stream)) return;
    const position = event.position.commit;
    const at = { position: `${position}`, stream, revision, leaf: this.tree.size };
    const misplaced = this.#order.addEvent({ stream, revision, position });
    if (misplaced) this.findings.addFinding({ ...misplaced, at });
    const { entry, lost } = entryOf(event);
    this.tree.addLeaf(hashLeaf(entry), { position, stream, revision });
    if (lost !== undefined) return this.#addLost(lost, at);
    if (stream === CHECKPOINTS_STREAM) this.#addCheckpoint(event, at);
    const key = messageKeyOf(event);
    if (key === undefined) return;
    this.messages += 1;
    this.#ids.addId(key, position);
  }

  /** Compares what can be compared only after the last event. */
  endOfLog(): void {
    this.tree.endOfLog();
  }

  #addLost(why: string, at: Required<EventPlace>): void {
    this.lost += 1;
    if (this.lostEvents.length < MAX_LOST)
      this.lostEvents.push({ kind: 'damaged', text: `It can't be read: ${why}`, at });
  }

  #addCheckpoint(event: StoredEvent, at: Required<EventPlace>): void {
    try {
      this.tree.compareHead(this.logged.readEvent(event), at.leaf);
    } catch (error) {
      const { message } = error as Error;
      const text = `It is no checkpoint of this log: ${message}`;
      this.findings.addFinding({ kind: 'false_checkpoint', text, at });
    }
  }
}

/**
 * Returns the entry of an event. One that can't be read has the entry that it gets when an admin sets it aside before it
 * is signed, and `lost` says why.
 */
const entryOf = (event: StoredEvent): Readonly<{ entry: Buffer; lost?: string }> => {
  try {
    if (event.damaged === undefined) return { entry: encodeEntry(event) };
    return { entry: encodeLostEntry(event), lost: event.damaged };
  } catch (error) {
    return { entry: encodeLostEntry(event), lost: (error as Error).message };
  }
};
