import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { Fingerprints, Names, SeenTable } from './seen-table.js';
import type { Seen } from './seen-table.js';
import { CLOCK_MARGIN_MS, isMadeAfter } from './uuid-time.js';

/** An accepted message: its place in its channel and in the log. */
export type Accepted = Seen & Readonly<{ position: LogPosition }>;

/** A place in the log, and when the event there was recorded. */
export type WindowEdge = Pick<Accepted, 'at' | 'position'>;

/**
 * Returns the key of a bot's message id. The case of a UUID does not matter. A bot's name has no slash, so no
 * bot can make another bot's key.
 */
export const acceptedKey = (bot: string, id: string): string => `${bot}/${id.toLowerCase()}`;

/** When the newer half of the window is full: it holds `maxEntries`, or `minEntries` that span at least `minAgeMs`. */
export type WindowLimits = Readonly<{ minEntries: number; maxEntries: number; minAgeMs: number }>;

export const WINDOW_LIMITS: WindowLimits = { minEntries: 10_000, maxEntries: 75_000, minAgeMs: 120_000 };

/**
 * Holds the recently accepted message ids of all channels, in two halves: when the newer half is full, the
 * older one is dropped, so that forgetting costs nothing. `covers` tells for which ids "not in the window"
 * means "never accepted".
 */
export class AcceptedWindow {
  private readonly fingerprints = new Fingerprints();
  private newer: SeenTable;
  private older: SeenTable;
  /**
   * The last event that this window has forgotten or never held. Undefined when the window reaches back to
   * the start of the log.
   */
  private edge: WindowEdge | undefined;
  /** Whether it has taken every message that the log holds, even if it has forgotten some since. */
  private hasReadAll = true;
  private newest: WindowEdge | undefined;
  /** Seq of the newest message taken, by channel. */
  private readonly taken = new Map<string, number>();
  private firstOfNewer: WindowEdge | undefined;
  private lastOfOlder: WindowEdge | undefined;
  /**
   * The latest time of all messages taken, of those up to the end of `older`, and of those behind the edge.
   * Clocks may be set back, so the latest time is not that of the newest message.
   */
  private latest = -Infinity;
  private latestOfOlder = -Infinity;
  private latestBehind = -Infinity;

  /**
   * @param limits when the newer half is full
   * @param seed a random number where strangers choose the ids
   * @param room how many ids each half holds before it has to grow
   */
  constructor(
    private readonly limits: WindowLimits = WINDOW_LIMITS,
    seed = 0,
    room = 0,
  ) {
    const channels = new Names();
    this.newer = new SeenTable(channels, seed, room);
    this.older = new SeenTable(channels, seed, room);
  }

  /**
   * Fills the window from the tail of the log at start.
   *
   * @param entries as {@link addAccepted} takes them
   * @param edge the oldest event that was read; undefined if it was the first one of the log
   */
  prefill(entries: readonly (readonly [string | undefined, Accepted])[], edge: WindowEdge | undefined): void {
    if (edge) this.latest = this.latestBehind = edge.at;
    this.edge = edge;
    this.hasReadAll = edge === undefined;
    for (const [key, accepted] of entries) this.addAccepted(key, accepted);
  }

  /**
   * Takes an accepted message, in log order. A message before the newest one taken is ignored. If an id is in
   * the log twice, the first message counts. If messages of the channel are missing before this one, they
   * were scavenged before they reached this process: then the window is only certain of ids made after it.
   *
   * @param key undefined for an event that has a place in a channel, but no id
   */
  addAccepted(key: string | undefined, accepted: Accepted): void {
    if (this.newest && comparePositions(accepted.position, this.newest.position) <= 0) return;
    this.newest = accepted;
    this.latest = Math.max(this.latest, accepted.at);
    this.firstOfNewer ??= accepted;
    if (accepted.seq > this.dueIn(accepted.channel)) this.forgetUpTo(accepted, this.latest);
    this.taken.set(accepted.channel, accepted.seq);
    if (key === undefined) return;
    const fingerprint = this.fingerprints.fingerprintOf(key);
    if (!this.older.get(fingerprint) && !this.newer.get(fingerprint)) this.newer.set(fingerprint, accepted);
    const aged = accepted.at - this.firstOfNewer.at >= this.limits.minAgeMs;
    const size = this.newer.size;
    if (size >= this.limits.maxEntries || (aged && size >= this.limits.minEntries)) this.turnOver(accepted);
  }

  /** Returns the place of the message with this key if the window holds it. */
  find(key: string): Seen | undefined {
    const fingerprint = this.fingerprints.fingerprintOf(key);
    return this.newer.get(fingerprint) ?? this.older.get(fingerprint);
  }

  /** Returns the newest event taken. It changes each time the log delivers something. */
  get front(): WindowEdge | undefined {
    return this.newest;
  }

  /**
   * Returns whether the message with this seq has passed through the window, even if it was forgotten since.
   */
  hasTaken(channel: string, seq: number): boolean {
    return seq <= (this.taken.get(channel) ?? -1);
  }

  /**
   * Returns whether this id must be in the window if it was ever accepted. An id made well after the window's edge
   * cannot lie behind it.
   */
  covers(id: string): boolean {
    return this.edge === undefined || isMadeAfter(id, this.latestBehind);
  }

  /**
   * Returns whether a message recorded at this time has certainly passed through this window or lies behind
   * its edge. If so, everything before it in its stream has passed as well.
   */
  hasPassed(at: number): boolean {
    const passed = (this.newest?.at ?? -Infinity) - CLOCK_MARGIN_MS;
    return at <= Math.max(passed, this.edge?.at ?? -Infinity);
  }

  /**
   * Returns whether a look-up elsewhere that reflects the log up to `position` leaves no gap before this
   * window.
   */
  joinsOnto(position: LogPosition): boolean {
    return this.edge === undefined || comparePositions(position, this.edge.position) >= 0;
  }

  /**
   * Returns the seq that comes next in a channel. For a channel that is new to this window it is 0 if the log was read
   * from its start. Otherwise it is not known (Infinity), because the channel may have begun in the part that was not
   * read.
   */
  private dueIn(channel: string): number {
    const last = this.taken.get(channel);
    if (last !== undefined) return last + 1;
    return this.hasReadAll ? 0 : Infinity;
  }

  private forgetUpTo(edge: WindowEdge, latest: number): void {
    if (this.edge && comparePositions(this.edge.position, edge.position) >= 0) return;
    this.edge = { at: edge.at, position: edge.position };
    this.latestBehind = Math.max(this.latestBehind, latest);
  }

  private turnOver(last: WindowEdge): void {
    if (this.lastOfOlder) this.forgetUpTo(this.lastOfOlder, this.latestOfOlder);
    [this.older, this.newer] = [this.newer, this.older];
    this.newer.clear();
    [this.lastOfOlder, this.latestOfOlder] = [last, this.latest];
    this.firstOfNewer = undefined;
  }
}
