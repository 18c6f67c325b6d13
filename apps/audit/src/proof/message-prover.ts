import { Injectable } from '@nestjs/common';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { proveConsistency, proveInclusion } from '#libs/audit-log/merkle/make-proof.js';
import { channelOf } from '#libs/delivery/message-encoding.js';
import { messageEventId } from '#libs/delivery/message-event-id.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { TREE_PREFIXES } from '#libs/domain/audit/tree-streams.js';
import { StoreFault } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { comparePositions } from '#libs/event-store/position.js';
import { RequestError } from '#libs/protocol/errors.js';
import { sleep } from '#libs/time/sleep.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { LogReader } from '../log/log-reader.js';
import type { AuditTree } from '../tree/audit-tree.js';
import { entryOf } from '../tree/entry-of.js';
import { uuidBytes } from '../tree/ids-of.js';
import type { SeenCheckpoint } from '../tree/seen-checkpoints.js';
import type { MessageProof } from './message-proof.js';

/** How long the tree may take to reach what the log holds now, in milliseconds, and how often that is looked at. */
const REACH_MS = 2_000;
const LOOK_MS = 10;
/** A checkpoint is signed after 10 s at the latest. */
const RETRY_AFTER_MS = 2_000;
const MESSAGES = messagesStream('');

/** A message's event, its leaf and its entry, as they were read. */
type Found = Readonly<{ leaf: number; event: StoredEvent; entry: Buffer; isRedacted: boolean }>;

/** Makes proofs that messages are in the audit log. */
@Injectable()
export class MessageProver {
  constructor(
    private readonly reader: LogReader,
    private readonly store: EventStore,
  ) {}

  /**
   * Returns the proof of a message: posted, edited or redacted by this bot under this id. `since` asks for the proof that
   * the log continues its first `since` leaves, too. `requireAccess` is called with the channel before anything is shown.
   *
   * @throws RequestError `unknown_message`, `proof_not_ready`, `audit_log_unavailable`, and what `requireAccess` throws
   * @throws StoreUnavailable; StoreFault when the event store no longer holds what the tree was made of
   */
  async prove(
    { bot, id, since }: Readonly<{ bot: string; id: string; since?: number }>,
    requireAccess: (channel: string) => Promise<void>,
  ): Promise<MessageProof> {
    const { tree, checkpoint, note } = this.reader.openLog();
    const { leaf, event, entry, isRedacted } = await this.#find(tree, bot, id);
    const channel = channelOf(event.stream);
    await requireAccess(channel);
    if (leaf >= checkpoint.size)
      throw notReady('The message is in the log, but no signed checkpoint covers it yet');
    if (since !== undefined && since > checkpoint.size)
      throw notReady(`The newest checkpoint has ${checkpoint.size} leaves, fewer than ${since}`);
    return {
      bot,
      id,
      channel,
      seq: event.revision,
      checkpoint: note,
      index: leaf,
      entry: entry.toString('base64'),
      ...(!isRedacted && { data: event.data.toString('base64') }),
      path: (await proveInclusion(leaf, checkpoint.size, tree.nodes)).map(base64),
      ...(since !== undefined && { consistency: await consistencyOf(tree, since, checkpoint) }),
    };
  }

  /** Finds a message's event by its id, also one that the log has held for a moment only. */
  async #find(tree: AuditTree, bot: string, id: string): Promise<Found> {
    const key = uuidBytes(messageEventId(bot, id));
    let leaf = await tree.files.ids.findLeaf(key);
    if (leaf === undefined) {
      await this.#reachLog(tree);
      leaf = await tree.files.ids.findLeaf(key);
    }
    const found = leaf === undefined ? undefined : await this.#read(tree, leaf);
    if (!found?.event.stream.startsWith(MESSAGES))
      throw new RequestError('unknown_message', `Bot "${bot}" has no message with this id`);
    return found;
  }

  async #read(tree: AuditTree, leaf: number): Promise<Found> {
    const commit = await tree.files.readPlace(leaf);
    const from = { commit, prepare: commit };
    const filter = { streams: TREE_PREFIXES };
    const read = { direction: 'forwards', from, filter, follow: false, limit: 1, tellsDamage: true } as const;
    for await (const [event] of this.store.readStored(read)) {
      if (!event) continue;
      const entry = this.#entryOf(event);
      if (!hashLeaf(entry).equals(await tree.files.readNodes({ level: 0, first: leaf, count: 1 }))) break;
      return { leaf, event, entry, isRedacted: await isRedacted(tree, event) };
    }
    throw new StoreFault(`Event ${leaf} of the audit log is not the one that its tree was made of`);
  }

  #entryOf(event: StoredEvent): Buffer {
    try {
      return entryOf(event, this.store.setAside);
    } catch (error) {
      throw new StoreFault((error as Error).message);
    }
  }

  /** Resolves when the tree holds what the log held at the call, or when that takes too long. */
  async #reachLog(tree: AuditTree): Promise<void> {
    const filter = { streams: TREE_PREFIXES };
    const read = { direction: 'backwards', from: 'end', filter, follow: false, limit: 1 } as const;
    for await (const [newest] of this.store.readStored(read)) {
      if (!newest) continue;
      for (let waited = 0; waited < REACH_MS; waited += LOOK_MS) {
        if (tree.last && comparePositions(tree.last.position, newest.position) >= 0) return;
        await sleep(LOOK_MS);
      }
    }
  }
}

/** Returns whether a message was redacted, or is an edit of one that was. Its content is not shown any more. */
const isRedacted = async (tree: AuditTree, event: StoredEvent): Promise<boolean> => {
  if (event.damaged !== undefined || event.type === 'MessageRedacted') return false;
  const { bot, id, target } = JSON.parse(event.data.toString()) as Record<'bot' | 'id' | 'target', string>;
  return tree.files.ids.isRedacted(uuidBytes(messageEventId(bot, target ?? id)));
};

const consistencyOf = async (
  tree: AuditTree,
  since: number,
  { size }: SeenCheckpoint,
): Promise<readonly string[]> => (await proveConsistency(since, size, tree.nodes)).map(base64);

const notReady = (message: string): RequestError =>
  new RequestError('proof_not_ready', message, RETRY_AFTER_MS);

const base64 = (bytes: Buffer): string => bytes.toString('base64');
