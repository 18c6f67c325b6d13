import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { NoteSigner } from '#libs/audit-log/note/note-key.js';
import type { CheckpointSigned } from '#libs/domain/audit/checkpoint.events.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Clock } from '#libs/time/clock.js';
import type { AuditTree } from './audit-tree.js';
import type { SeenCheckpoint } from './seen-checkpoints.js';

/** When a checkpoint is due: after so many events, or so many milliseconds after the first of them. */
export type Pace = Readonly<{ events: number; ms: number }>;

export const PACE: Pace = { events: 1_000, ms: 10_000 };

/** A process that did not sign the newest checkpoint waits so many times as long. */
const STANDBY_FACTOR = 2;

export type SignerParts = Readonly<{
  store: Pick<EventStore, 'append'>;
  tree: Pick<AuditTree, 'head' | 'seen' | 'unsigned'>;
  key: NoteSigner;
  /** The name of this process. */
  node: string;
  clock: Pick<Clock, 'elapsed'>;
  pace: Pace;
}>;

/**
 * Signs checkpoints of the tree, and appends them to the log. A checkpoint counts only once it comes back from the log.
 * It is appended only if the tree contains every checkpoint before it, by the expected revision, so of several
 * processes one signs and the others wait for it to be silent.
 */
export class CheckpointSigner {
  /** When a leaf was seen first that no checkpoint covers. */
  #since: number | undefined;
  #newest: SeenCheckpoint | undefined;
  /** The revision that an own checkpoint has in the log. It may not have come back yet. */
  #appended = -1;

  constructor(private readonly parts: SignerParts) {}

  /**
   * Signs and appends a checkpoint if one is due. Must be called only while the tree is level with the log, and not
   * while an earlier call is under way.
   *
   * @throws what the store throws, when it refuses for good
   */
  async signWhenDue(): Promise<void> {
    const { tree, store, key, node } = this.parts;
    if (!this.#isDue()) return;
    const { revision } = tree.seen;
    const data: CheckpointSigned['data'] = { note: signCheckpoint(tree.head(), key), key: key.verifier.text };
    const event = newEvent({ type: 'CheckpointSigned', data }, { node });
    try {
      const expected = revision < 0 ? 'no_stream' : revision;
      this.#appended = (await store.append(CHECKPOINTS_STREAM, [event], expected)).revision;
    } catch (error) {
      // Another process was faster, or the outcome is unknown. Either way the log will bring what there is.
      if (!(error instanceof WrongExpectedRevision || error instanceof StoreUnavailable)) throw error;
    }
  }

  #isDue(): boolean {
    const { tree, clock, pace, node } = this.parts;
    const { revision, newest } = tree.seen;
    if (newest !== this.#newest) this.#since = undefined;
    this.#newest = newest;
    if (tree.unsigned === 0 || revision < this.#appended) return false;
    this.#since ??= clock.elapsed();
    const factor = newest === undefined || newest.node === node ? 1 : STANDBY_FACTOR;
    const waited = clock.elapsed() - this.#since;
    return tree.unsigned >= pace.events * factor || waited >= pace.ms * factor;
  }
}
