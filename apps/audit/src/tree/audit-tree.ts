import { join } from 'node:path';
import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import { hashLeaf, type Hash } from '#libs/audit-log/merkle/hashing.js';
import { rootOf } from '#libs/audit-log/merkle/make-proof.js';
import { nodesFromTiles } from '#libs/audit-log/tiles/tile-nodes.js';
import { isInTree } from '#libs/domain/audit/tree-streams.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import { entryOf } from './entry-of.js';
import { redactedBy, uuidBytes } from './ids-of.js';
import { readIfThere, replaceFile, savedFromText, savedToText, type SavedTree } from './saved-tree.js';
import {
  NOTHING_SEEN,
  seeCheckpoint,
  type SeenCheckpoint,
  type SeenCheckpoints,
} from './seen-checkpoints.js';
import { TreeFiles } from './tree-files.js';

/** How many leaves may be in memory only. */
const MAX_IN_MEMORY = 8_192;
const SAVED = 'tree.json';

/** What a tree asks of the log that it grows with. */
export type TreesLog = Readonly<{
  landmarkOf(event: PositionedEvent): Landmark;
  holds(landmark: Landmark): Promise<boolean>;
  setAside: Pick<SetAsideEvents, 'has'>;
}>;

/** Why the log is not the one that was signed: an earlier checkpoint is no beginning of this tree. */
export class ForkFound extends Error {
  override readonly name = 'ForkFound';
}

/**
 * The tree over the events of the log, grown by one event at a time. Its files only save time: they can be thrown away,
 * and the tree is the same when it is built again. What was saved is used only if its root can be computed from the
 * tiles.
 */
export class AuditTree {
  readonly nodes = nodesFromTiles((span) => this.files.readNodes(span));
  #seen: SeenCheckpoints;
  #frontier: Frontier;
  #unsigned: number;
  #unsignedSince: number | undefined;
  #last: Landmark | undefined;
  #work: Promise<void> = Promise.resolve();
  #fork: ForkFound | undefined;
  #flushed: number;
  #durable: SeenCheckpoint | undefined;

  private constructor(
    private readonly folder: string,
    readonly files: TreeFiles,
    private readonly log: TreesLog,
    private readonly onOddity: (text: string) => void,
    saved: SavedTree | undefined,
  ) {
    this.#frontier = saved?.frontier ?? new Frontier();
    this.#seen = saved?.seen ?? NOTHING_SEEN;
    this.#unsigned = saved?.unsigned ?? 0;
    this.#last = saved?.last;
    this.#flushed = this.size;
    this.#durable = this.#seen.newest;
  }

  /**
   * Opens the tree in a folder. It goes on from what is saved there, unless `isLog` says that its last event is not in
   * this log, or anything in it does not fit; then it is empty.
   *
   * @throws the file system's error, and what `isLog` throws
   */
  static async openTree(folder: string, log: TreesLog, onOddity: (text: string) => void): Promise<AuditTree> {
    const saved = savedFromText((await readIfThere(join(folder, SAVED))) ?? '');
    if (saved && (await log.holds(saved.last))) {
      const tree = await AuditTree.#reopen(folder, saved, log, onOddity);
      if (tree) return tree;
    }
    if (saved) onOddity('The saved tree does not fit the log or its own files; it is built again');
    return new AuditTree(folder, await TreeFiles.openFiles(folder, 0), log, onOddity, undefined);
  }

  static async #reopen(
    folder: string,
    saved: SavedTree,
    log: TreesLog,
    onOddity: (text: string) => void,
  ): Promise<AuditTree | undefined> {
    let files: TreeFiles | undefined;
    try {
      files = await TreeFiles.openFiles(folder, saved.frontier.size);
      const tree = new AuditTree(folder, files, log, onOddity, saved);
      if ((await tree.rootAt(tree.size)).equals(saved.frontier.root())) return tree;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && code !== 'ENOENT') throw error;
    }
    await files?.close();
    return undefined;
  }

  /** The number of leaves. */
  get size(): number {
    return this.#frontier.size;
  }

  /** The event of the last leaf; undefined for the empty tree. */
  get last(): Landmark | undefined {
    return this.#last;
  }

  /** What the events so far say of checkpoints. */
  get seen(): SeenCheckpoints {
    return this.#seen;
  }

  /** How many leaves the newest checkpoint does not cover, those of checkpoints left out. */
  get unsigned(): number {
    return this.#unsigned;
  }

  /** About when the first leaf that no checkpoint covers was stored, in milliseconds since 1970, if that was seen. */
  get unsignedSince(): number | undefined {
    return this.#unsignedSince;
  }

  /** The newest checkpoint whose tree is on disk here, so that its tiles can be served even after a crash. */
  get durable(): SeenCheckpoint | undefined {
    return this.#durable;
  }

  head(): TreeHead {
    return { size: this.size, root: this.#frontier.root() };
  }

  /** Returns the root of the first `size` leaves. @throws RangeError when there are fewer, and the file system's error */
  async rootAt(size: number): Promise<Hash> {
    return size === 0 ? new Frontier().root() : rootOf(size, this.nodes);
  }

  /**
   * Adds an event of the log, which must be the next one. Events of other streams are left out. Returns a promise when
   * the next event must wait.
   *
   * @throws Error when the event is damaged and not set aside; ForkFound when it is a checkpoint of another log under the log's own key
   */
  addEvent(event: PositionedEvent, stored: StoredEvent): void | Promise<void> {
    if (!isInTree(event.stream)) return;
    const before = this.size;
    const leaf = hashLeaf(entryOf({ ...stored, stream: event.stream }, this.log.setAside));
    this.#frontier.append(leaf, (node) => this.files.addNode(node));
    this.files.addPlace(stored.position.commit);
    this.files.ids.addIds(uuidBytes(stored.eventId), redactedBy(event));
    this.#last = this.log.landmarkOf(event);
    if (event.stream === CHECKPOINTS_STREAM)
      return this.#afterOthers(() => this.#addCheckpoint(event, before));
    this.#unsigned += 1;
    this.#unsignedSince ??= event.at.getTime();
    if (this.size - this.#flushed >= MAX_IN_MEMORY) return this.flush();
  }

  /**
   * Resolves when everything that was added before the call is on disk. A call while another is under way waits for it.
   *
   * @throws the file system's error
   */
  flush(): Promise<void> {
    return this.#afterOthers(() => this.#flush());
  }

  async close(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.files.close();
  }

  /** Does one thing after the other, so that nothing is saved before a checkpoint in it was compared with the tree. */
  #afterOthers(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .catch(() => undefined)
      .then(() => {
        if (this.#fork) throw this.#fork;
        return work();
      });
    return this.#work;
  }

  async #addCheckpoint(event: PositionedEvent, before: number): Promise<void> {
    const { revision, type, data, metadata } = event;
    const { seen, vouched, isCheckpoint, oddity } = seeCheckpoint(this.#seen, {
      revision,
      type,
      data,
      node: metadata.node,
      at: event.at.getTime(),
    });
    if (oddity !== undefined)
      this.onOddity(`Event ${revision} of ${CHECKPOINTS_STREAM} is no checkpoint: ${oddity}`);
    try {
      if (vouched) await this.requireBeginning(vouched, before);
    } catch (error) {
      if (error instanceof ForkFound) this.#fork = error;
      throw error;
    }
    this.#seen = seen;
    if (!vouched) return;
    // A change of the key waits for a checkpoint under the new key.
    this.#unsigned = isCheckpoint ? before - vouched.size : this.#unsigned + 1;
    this.#unsignedSince = this.#unsigned === 0 ? undefined : event.at.getTime();
  }

  /** @throws ForkFound unless the tree of the first `leaves` leaves begins with the one of a checkpoint */
  async requireBeginning({ size, root }: TreeHead, leaves = this.size): Promise<void> {
    if (size > leaves)
      throw new ForkFound(`A checkpoint of ${size} leaves was signed, but the log has only ${leaves}`);
    if (!(await this.rootAt(size)).equals(root))
      throw new ForkFound(`A checkpoint of ${size} leaves was signed that is not of this log`);
  }

  async #flush(): Promise<void> {
    const last = this.#last;
    if (!last) return;
    const { size, edge } = this.#frontier;
    const saved = { frontier: new Frontier(size, edge), last, seen: this.#seen, unsigned: this.#unsigned };
    await this.files.flush();
    await replaceFile(join(this.folder, SAVED), savedToText(saved));
    this.#flushed = size;
    this.#durable = saved.seen.newest;
  }
}
