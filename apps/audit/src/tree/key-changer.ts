import { signReplacement, signRotation } from '#libs/audit-log/keys/key-change.js';
import { readNoteVerifier, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';
import { WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { Actor } from '#libs/domain/event.js';
import type { SigningKeyReplaced, SigningKeyRotated } from '#libs/domain/audit/checkpoint.events.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { sleep } from '#libs/time/sleep.js';
import type { AuditTree } from './audit-tree.js';
import type { KeyFiles } from './key-files.js';

/** How often an append is tried again when a checkpoint came in between, and the pause in milliseconds. */
const TRIES = 20;
const PAUSE_MS = 50;

export type ChangerParts = Readonly<{
  store: Pick<EventStore, 'append'>;
  tree: Pick<AuditTree, 'head' | 'seen'>;
  keys: KeyFiles;
  node: string;
}>;

/**
 * Changes the key of a log by an event. The new key is on disk before the event is appended, and signs once the event has
 * come back. So a process may die at any line: either the old key signs on, or the new one is there.
 */
export class KeyChanger {
  constructor(private readonly parts: ChangerParts) {}

  /**
   * Appends the rotation from the key that signs to a new one, which it returns in text form.
   *
   * @throws what the store throws; the outcome may be unknown then
   */
  async rotateKey(old: NoteSigner, actor: Actor): Promise<string> {
    const next = this.parts.keys.makeNextKey(old.verifier.name);
    await this.#append(actor, () => ({
      type: 'SigningKeyRotated',
      data: { note: signRotation(this.parts.tree.head(), old, next) },
    }));
    return next.verifier.text;
  }

  /**
   * Appends the replacement of a key that nobody has any more by a new one, which it returns in text form.
   *
   * @throws what the store throws; the outcome may be unknown then
   */
  async replaceKey(lost: string, actor: Actor): Promise<string> {
    const next = this.parts.keys.makeNextKey();
    await this.#append(actor, () => ({
      type: 'SigningKeyReplaced',
      data: { note: signReplacement(this.parts.tree.head(), readNoteVerifier(lost), next) },
    }));
    return next.verifier.text;
  }

  async #append(actor: Actor, eventNow: () => SigningKeyRotated | SigningKeyReplaced): Promise<void> {
    const { store, tree, node } = this.parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await store.append(CHECKPOINTS_STREAM, [newEvent(eventNow(), { actor, node })], tree.seen.revision);
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === TRIES) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }
}
