import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { encodeEntry, encodeLostEntry } from '#libs/audit-log/entry/event-entry.js';
import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import { makeNoteKey, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import type { LeafSource } from '#libs/audit-verify/leaves/find-other-leaf.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storedEvent } from '../stored-event.js';

const ORIGIN = 'verbatim/0123456789abcdef';
const POSITIONS_APART = 100n;

/** Returns the number as the id of an event. */
const idOf = (number: number): string => `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;

/** A log in memory, as a store that signs checkpoints would have it. Events are only ever added. */
export class SignedLog {
  readonly events: StoredEvent[] = [];
  /** Every checkpoint that was signed, in order. */
  readonly checkpoints: { size: number; text: string }[] = [];
  readonly #revisions = new Map<string, number>();

  constructor(public signer: NoteSigner = makeNoteKey(ORIGIN).signer) {}

  /** Adds a message of a channel, with an id that no other has. */
  addMessage(channel: string, body = 'hi', id = idOf(this.events.length)): void {
    const data = JSON.stringify({ id, channel, bot: 'alice', body });
    this.addEvent(`messages-${channel}`, 'MessagePosted', data);
  }

  addEvent(stream: string, type: string, data: string): void {
    const revision = (this.#revisions.get(stream) ?? -1) + 1;
    this.#revisions.set(stream, revision);
    const place = BigInt(this.events.length + 1) * POSITIONS_APART;
    const position = { commit: place, prepare: place };
    const eventId = idOf(this.events.length);
    this.events.push(storedEvent({ stream, revision, type, data, position, eventId }));
  }

  /** Signs the log as it is, and adds the checkpoint to it. */
  sign(): void {
    const head = headOf(this.events);
    const note = signCheckpoint(head, this.signer);
    this.checkpoints.push({ size: head.size, text: note });
    const data = JSON.stringify({ note, key: this.signer.verifier.text });
    this.addEvent(CHECKPOINTS_STREAM, 'CheckpointSigned', data);
  }

  /** Has another key sign from now on, by a note of the given kind. */
  changeKey(next: NoteSigner, sign: (head: TreeHead, old: NoteSigner, next: NoteSigner) => string): void {
    const note = sign(headOf(this.events), this.signer, next);
    const isSame = this.signer.verifier.name === next.verifier.name;
    const type = isSame ? 'SigningKeyRotated' : 'SigningKeyReplaced';
    this.addEvent(CHECKPOINTS_STREAM, type, JSON.stringify({ note }));
    this.signer = next;
  }

  /** Returns the leaves as they are now, as somebody may keep them. */
  keepLeaves(): LeafSource {
    const leaves = this.events.map((event) => hashLeaf(encodeEntry(event)));
    return async (first, count) => Buffer.concat(leaves.slice(first, first + count));
  }
}

/** Returns the head of the tree over these events. */
export const headOf = (events: readonly StoredEvent[]): { size: number; root: Buffer } => {
  const tree = new Frontier();
  for (const event of events)
    tree.append(hashLeaf(event.damaged === undefined ? encodeEntry(event) : encodeLostEntry(event)));
  return { size: tree.size, root: tree.root() };
};

/** Returns a log of so many messages in three channels, with a checkpoint after each `every`, and one at the end. */
export const signedLog = (messages: number, every: number, signer?: NoteSigner): SignedLog => {
  const log = new SignedLog(signer);
  for (let count = 1; count <= messages; count += 1) {
    log.addMessage(`room-${count % 3}`, `message ${count}`);
    if (count % every === 0 || count === messages) log.sign();
  }
  return log;
};
