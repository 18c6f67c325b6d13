import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/domain/event.js';
import { RequestError } from '#libs/protocol/errors.js';
import { sleep } from '#libs/time/sleep.js';
import { KeyNotHere, KeyNotLost, type KeysOfChange, type TreeRound } from '../tree/tree-round.js';
import { TreeLife } from '../tree/tree-life.js';

const RETRY_AFTER_MS = 5_000;
/** How long a change may take to come back from the log, and how often that is looked at, in milliseconds. */
const COME_BACK_MS = 10_000;
const LOOK_MS = 50;

/** The keys of a log: the first one, the notes by which it was changed, in order, and the one that is valid now. */
export type KeyHistory = Readonly<{ first: string; changes: readonly string[]; current: string }>;

/** A change that is in the log, and the number of leaves at that moment. */
export type DoneChange = KeysOfChange & Readonly<{ size: number }>;

/** Shows how the log came to its key, and changes it. */
@Injectable()
export class KeyChanges {
  constructor(private readonly life: TreeLife) {}

  /** @throws RequestError `audit_log_unavailable` while nothing is signed */
  history(): KeyHistory {
    const { seen } = this.#tree();
    const { firstKey, key, changes = [] } = seen;
    if (firstKey === undefined || key === undefined) throw unavailable('nothing is signed yet');
    return { first: firstKey, changes, current: key };
  }

  /** @throws RequestError `audit_log_unavailable` when this process does not sign; StoreUnavailable */
  rotateKey(actor: Actor): Promise<DoneChange> {
    return this.#change((round) => round.rotateKey(actor));
  }

  /** @throws RequestError `key_not_lost`, `audit_log_unavailable`; StoreUnavailable */
  replaceKey(actor: Actor): Promise<DoneChange> {
    return this.#change((round) => round.replaceKey(actor));
  }

  async #change(change: (round: TreeRound) => Promise<KeysOfChange>): Promise<DoneChange> {
    const { size } = this.#tree();
    const { round } = this.life.keeper;
    if (!round) throw unavailable('the tree is not level with the log');
    try {
      const keys = await change(round);
      await this.#comeBack(keys.to);
      return { ...keys, size };
    } catch (error) {
      if (error instanceof KeyNotHere) throw unavailable(`this process does not sign: ${error.message}`);
      if (error instanceof KeyNotLost) throw new RequestError('key_not_lost', error.message);
      throw error;
    }
  }

  async #comeBack(to: string): Promise<void> {
    for (let waited = 0; waited < COME_BACK_MS; waited += LOOK_MS) {
      if (this.life.keeper.tree?.seen.key === to) return;
      await sleep(LOOK_MS);
    }
    throw unavailable('the change is in the log, and will count when it comes back from there');
  }

  #tree() {
    const { tree, trouble } = this.life.keeper;
    if (tree) return tree;
    throw unavailable(trouble ?? 'the tree is not open');
  }
}

const unavailable = (why: string): RequestError =>
  new RequestError('audit_log_unavailable', `The audit log can't do this now: ${why}`, RETRY_AFTER_MS);
