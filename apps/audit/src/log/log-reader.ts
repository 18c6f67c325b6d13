import { Injectable } from '@nestjs/common';
import { HASH_BYTES, hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { encodeBundle } from '#libs/audit-log/tiles/entry-bundle.js';
import { TILE_WIDTH, widthIn, type Tile } from '#libs/audit-log/tiles/tile-path.js';
import { TREE_PREFIXES, isInTree } from '#libs/domain/audit/tree-streams.js';
import { isSystemEvent } from '#libs/event-store/codec/decode-event.js';
import { StoreFault } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { entryOf } from '../tree/entry-of.js';
import type { AuditTree } from '../tree/audit-tree.js';
import type { SeenCheckpoint } from '../tree/seen-checkpoints.js';
import { TreeLife } from '../tree/tree-life.js';
import { Witnesses } from '../witness/witnesses.js';

const RETRY_AFTER_MS = 5_000;

/** Reads what the audit log shows: nothing beyond its newest checkpoint, and nothing that does not fit the tree. */
@Injectable()
export class LogReader {
  constructor(
    private readonly life: TreeLife,
    private readonly store: EventStore,
    private readonly witnesses: Witnesses,
  ) {}

  /**
   * Returns the newest signed checkpoint, with the cosignatures that witnesses have given.
   *
   * @throws RequestError `audit_log_unavailable` while there is none
   */
  newestCheckpoint(): string {
    return this.openLog().note;
  }

  /**
   * Returns the newest checkpoint that a witness has cosigned.
   *
   * @throws RequestError `not_found` while there is none, `audit_log_unavailable` while nothing is signed
   */
  witnessedCheckpoint(): string {
    this.openLog();
    const witnessed = this.witnesses.newestWitnessed();
    if (witnessed !== undefined) return witnessed;
    throw new RequestError('not_found', 'No witness has cosigned a checkpoint');
  }

  /** Returns the public key that has signed the newest checkpoint. @throws RequestError `audit_log_unavailable` while there is none */
  publicKey(): string {
    return this.openLog().checkpoint.key;
  }

  /**
   * Returns a tile or a bundle of entries. Anybody who had to wait for its last entries may ask for fewer than are
   * there now.
   *
   * @throws RequestError `not_found` when the newest checkpoint covers less; StoreUnavailable; StoreFault when the
   * event store no longer holds what the tree was made of
   */
  async readTile(tile: Tile): Promise<Buffer> {
    const { tree, checkpoint } = this.openLog();
    if (tile.width > widthIn(checkpoint.size, tile))
      throw new RequestError('not_found', 'The newest checkpoint does not cover this tile');
    const { level, index, width } = tile;
    const first = index * TILE_WIDTH;
    if (level !== 'entries') return tree.files.readNodes({ level, first, count: width });
    const leaves = await tree.files.readNodes({ level: 0, first, count: width });
    const entries = await this.#entriesFrom(await tree.files.readPlace(first), width);
    for (const [at, entry] of entries.entries())
      if (!hashLeaf(entry).equals(leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)))
        throw new StoreFault(`Event ${first + at} of the audit log is not the one that its tree was made of`);
    return encodeBundle(entries);
  }

  async #entriesFrom(commit: bigint, count: number): Promise<Buffer[]> {
    const entries: Buffer[] = [];
    const from = { commit, prepare: commit };
    const read = {
      direction: 'forwards',
      from,
      filter: { streams: TREE_PREFIXES },
      follow: false,
      tellsDamage: true,
    } as const;
    for await (const batch of this.store.readStored({ ...read, limit: 2 * TILE_WIDTH })) {
      entries.push(...batch.filter(hasLeaf).map((event) => this.#entryOf(event)));
      if (entries.length >= count) return entries.slice(0, count);
    }
    throw new StoreFault('The event store no longer holds events that are in the audit log');
  }

  /** @throws StoreFault when the event is damaged and not set aside */
  #entryOf(event: StoredEvent): Buffer {
    try {
      return entryOf(event, this.store.setAside);
    } catch (error) {
      throw new StoreFault((error as Error).message);
    }
  }

  /**
   * Returns the tree and the newest checkpoint that may be shown; `note` is the checkpoint with its cosignatures.
   *
   * @throws RequestError `audit_log_unavailable` while there is none
   */
  openLog(): Readonly<{ tree: AuditTree; checkpoint: SeenCheckpoint; note: string }> {
    const { tree, served, trouble } = this.life.keeper;
    if (tree && served) return { tree, checkpoint: served, note: this.witnesses.withCosignatures(served) };
    const why = trouble ?? 'nothing is signed yet';
    throw new RequestError('audit_log_unavailable', `There is no checkpoint: ${why}`, RETRY_AFTER_MS);
  }
}

const hasLeaf = (event: StoredEvent): boolean =>
  isInTree(event.stream) && !isSystemEvent(event, event.stream);
