import { join } from 'node:path';
import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { readNoteVerifier, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Actor } from '#libs/domain/event.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { SharedLog } from '#libs/event-store/shared/shared-log.js';
import type { AuditTree } from './audit-tree.js';
import { CheckpointSigner, PACE, type Pace } from './checkpoint-signer.js';
import { KeyChanger } from './key-changer.js';
import { KeyFiles } from './key-files.js';
import { readIfThere, replaceFile } from './saved-tree.js';
import type { SeenCheckpoint } from './seen-checkpoints.js';

/** The newest checkpoint that this process knew, for the case that the log is replaced: the text, and the log's key. */
export const REMEMBERED = 'newest-checkpoint.json';

export type TreeKeeperParts = Readonly<{
  /** A folder for this process alone. It is created (mode 0700). */
  folder: string;
  store: Pick<EventStore, 'append'>;
  log: Pick<SharedLog, 'subscribeToAll' | 'landmarkOf' | 'holds' | 'setAside'>;
  node: string;
  /** Called with what an operator should know. */
  say(level: 'info' | 'warn' | 'error', text: string): void;
  pace?: Pace;
}>;

/** A key, and what signs with it. */
type Signing = Readonly<{ key: NoteSigner; signer: CheckpointSigner }>;

/** What is done again and again while a tree is level with the log. */
export class TreeRound {
  served: SeenCheckpoint | undefined;
  trouble: string | undefined;
  readonly #keys: KeyFiles;
  readonly #changer: KeyChanger;
  #signing: Signing | undefined;
  #isChecked = false;

  constructor(
    private readonly parts: TreeKeeperParts,
    private readonly tree: AuditTree,
  ) {
    this.#keys = new KeyFiles(parts.folder);
    this.#changer = new KeyChanger({ ...parts, tree, keys: this.#keys });
  }

  /** @throws ForkFound, and the errors of the file system and the store */
  async lookAround(): Promise<void> {
    if (!this.#isChecked) await this.#requireRemembered();
    this.#isChecked = true;
    const logsKey = this.tree.seen.key;
    if (logsKey !== undefined && this.#signing?.key.verifier.text !== logsKey) this.#signing = undefined;
    this.#signing ??= await this.#findSigning();
    await this.#signing?.signer.signWhenDue();
    const { newest } = this.tree.seen;
    if (newest === this.served) return;
    await this.tree.flush();
    const { durable } = this.tree;
    if (!durable) return;
    const remembered = { note: durable.text, key: durable.key };
    await replaceFile(this.#rememberedFile, `${JSON.stringify(remembered)}\n`);
    this.served = durable;
  }

  /**
   * Has another key sign from now on, under the same name. Resolves with the old and the new key when the change is in the
   * log; it counts once it has come back from there.
   *
   * @throws Error when this process does not sign, and what the store throws
   */
  async rotateKey(actor: Actor): Promise<KeysOfChange> {
    const key = this.#signing?.key;
    if (!key) throw new KeyNotHere(this.trouble ?? 'nothing is signed yet');
    return { from: key.verifier.text, to: await this.#changer.rotateKey(key, actor) };
  }

  /**
   * Has the log go on under another name and key, because the one that signed is lost. Resolves as {@link rotateKey} does.
   *
   * @throws Error when the key is here, or the log has none, and what the store throws
   */
  async replaceKey(actor: Actor): Promise<KeysOfChange> {
    const lost = this.tree.seen.key;
    if (this.#signing || lost === undefined) throw new KeyNotLost('The log has a key, and it is here');
    return { from: lost, to: await this.#changer.replaceKey(lost, actor) };
  }

  get #rememberedFile(): string {
    return join(this.parts.folder, REMEMBERED);
  }

  /** @throws ForkFound when this process has known a checkpoint that this log does not continue */
  async #requireRemembered(): Promise<void> {
    const text = await readIfThere(this.#rememberedFile);
    if (text === undefined) return;
    const { note, key } = JSON.parse(text) as { note: string; key: string };
    await this.tree.requireBeginning(openCheckpoint(note, readNoteVerifier(key)));
  }

  /** Returns what signs, if this process has the log's key. A log without checkpoints gets one. */
  async #findSigning(): Promise<Signing | undefined> {
    const { say, store, node, pace = PACE } = this.parts;
    const logsKey = this.tree.seen.key;
    let key = await this.#keys.readSigningKey();
    if (key === undefined && logsKey === undefined) {
      key = this.#keys.makeSigningKey();
      say('info', `Checkpoints of the audit log are signed with the new key ${key.verifier.text}`);
    }
    if (logsKey !== undefined && key?.verifier.text !== logsKey) {
      const adopted = await this.#keys.adoptKey(logsKey);
      if (!adopted) return this.#standAside(logsKey, key);
      say('info', `Checkpoints of the audit log are signed with the key ${logsKey} from now on`);
      key = adopted;
    }
    this.trouble = undefined;
    const signer = new CheckpointSigner({
      store,
      tree: this.tree,
      key: key!,
      node,
      clock: SYSTEM_CLOCK,
      pace,
    });
    return { key: key!, signer };
  }

  #standAside(logsKey: string, key: NoteSigner | undefined): undefined {
    const { file } = this.#keys;
    const trouble = `the log's checkpoints are signed with ${logsKey}, and ${file} is ${key ? 'another key' : 'missing'}`;
    if (this.trouble !== trouble) this.parts.say('warn', `No checkpoints are signed here: ${trouble}`);
    this.trouble = trouble;
  }
}

/** The keys before and after a change, in text form. */
export type KeysOfChange = Readonly<{ from: string; to: string }>;

/** Why a key can't be rotated here: this process does not sign. */
export class KeyNotHere extends Error {
  override readonly name = 'KeyNotHere';
}

/** Why a key is not replaced: it is not lost. */
export class KeyNotLost extends Error {
  override readonly name = 'KeyNotLost';
}
