import { Frontier } from '#libs/audit-log/merkle/frontier.js';
import type { Hash } from '#libs/audit-log/merkle/hashing.js';
import type { TreeHead } from '#libs/audit-log/merkle/verify-proof.js';
import type { EventPlace } from '../finding.js';
import { LeafWindow, type LeafPlace } from './leaf-window.js';

/** A tree that somebody signed, in words where it was found, and whether that was outside the log. */
export type SignedHead = TreeHead & Readonly<{ source: string; isHeld: boolean }>;

/** A signed tree that is not the beginning of the log's tree: it covers other events, or more. */
export type OtherTree = Readonly<{
  head: SignedHead;
  /** The tree up to the newest checkpoint that agreed. */
  proven: Frontier;
  /** The leaves from there on, as far as they are still known. */
  leaves: LeafWindow;
  /** How many leaves of the log the signed tree can cover: its size, or less where it covers more than there are. */
  has: number;
  /** The first event that may be wrong. */
  since: EventPlace | undefined;
}>;

/** How many leaves wait for a checkpoint that covers them. A checkpoint that comes later than that is not compared. */
const MAX_WAITING = 524_288;

/**
 * The tree of a log that is read once, compared with signed trees: those that are known before, and those that are met
 * in the log, each of which covers only leaves before it. Memory is bounded: a leaf waits for a checkpoint, and is then
 * forgotten.
 */
export class ComparedTree {
  /** The newest signed tree that is the beginning of this one. */
  proven: SignedHead | undefined;
  /** How many signed trees were the beginning of this one: those in the log, and those from outside. */
  readonly agreeing = { logged: 0, held: 0 };
  /** The first one that was not. Nothing is compared after it. */
  other: OtherTree | undefined;
  /** Signed trees that came too late to be compared. */
  readonly missed: SignedHead[] = [];
  #size = 0;
  #frontier = new Frontier();
  #provenFrontier = new Frontier();
  readonly #window = new LeafWindow();
  #last: LeafPlace | undefined;
  /** The first leaf that no checkpoint from outside has proven. */
  #unheld: { leaf: number; place?: LeafPlace } = { leaf: 0 };
  readonly #held: SignedHead[];

  constructor(
    held: readonly SignedHead[],
    private readonly maxWaiting = MAX_WAITING,
  ) {
    this.#held = held.toSorted((one, other) => one.size - other.size);
  }

  /** Where the event of the last leaf is; undefined for the empty tree. */
  get last(): EventPlace | undefined {
    return placeOf(this.#last, this.#size - 1);
  }

  /** The number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Adds the next leaf. */
  addLeaf(hash: Hash, place: LeafPlace): void {
    if (this.#size === this.#unheld.leaf) this.#unheld.place = place;
    this.#size += 1;
    this.#last = place;
    if (this.other) return;
    this.#window.addLeaf(hash, place);
    if (this.#window.length >= this.maxWaiting) this.#giveUpOn(this.#window.first + this.maxWaiting / 2);
  }

  /** Compares a checkpoint that was met in the log. It can cover only the `before` leaves before itself. */
  compareHead(head: SignedHead, before: number): void {
    this.#judgeHeld(head.size - 1);
    this.#judge(head, before);
    if (head.size <= before) this.#judgeHeld(head.size);
  }

  /** Compares what is left after the last event. */
  endOfLog(): void {
    this.#judgeHeld(Number.POSITIVE_INFINITY);
  }

  /** Compares the checkpoints from outside up to this size. */
  #judgeHeld(size: number): void {
    while (this.#held[0] && this.#held[0].size <= size) this.#judge(this.#held.shift()!, this.#size);
  }

  #judge(head: SignedHead, before: number): void {
    const { size, isHeld } = head;
    if (this.other) return;
    if (size < this.#frontier.size) return void this.missed.push(head);
    if (size <= before) this.#growTo(size);
    if (size > before || !this.#frontier.root().equals(head.root))
      return void (this.other = this.#otherTree(head, Math.min(size, before)));
    this.proven = head;
    this.agreeing[isHeld ? 'held' : 'logged'] += 1;
    this.#provenFrontier = new Frontier(size, this.#frontier.edge);
    if (isHeld) this.#unheld = { leaf: size, ...this.#placeIn(size) };
    this.#window.dropUpTo(size);
  }

  /**
   * Whoever has the key can sign anew what was changed. So checkpoints in the log prove nothing to one from outside.
   */
  #otherTree(head: SignedHead, has: number): OtherTree {
    const { leaf, place } = this.#unheld;
    const [proven, leaves] = [this.#provenFrontier, this.#window];
    const own = leaves.placeOf(Math.max(proven.size, leaves.first));
    return { head, proven, leaves, has, since: head.isHeld ? placeOf(place, leaf) : own };
  }

  #placeIn(leaf: number): { place?: LeafPlace } {
    const place = this.#window.placeOf(leaf);
    return place ? { place: { ...place, position: BigInt(place.position) } } : {};
  }

  /** Forgets leaves that have waited too long. They still count for whatever covers them and later ones. */
  #giveUpOn(leaves: number): void {
    this.#judgeHeld(leaves);
    if (this.other) return;
    this.#growTo(leaves);
    this.#window.dropUpTo(leaves);
  }

  #growTo(size: number): void {
    for (let leaf = this.#frontier.size; leaf < size; leaf += 1)
      this.#frontier.append(Buffer.from(this.#window.hashOf(leaf)));
  }
}

const placeOf = (place: LeafPlace | undefined, leaf: number): EventPlace | undefined =>
  place && { stream: place.stream, revision: place.revision, position: `${place.position}`, leaf };
