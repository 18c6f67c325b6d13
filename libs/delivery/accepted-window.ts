import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { Fingerprints, Names, SeenTable } from './seen-table.js';
import type { Seen } from './seen-table.js';
import { MAX_CLOCK_LEAD_MS, uuidTime } from './uuid-time.js';

/** Where an accepted message lies in its channel and in the log. */
export type Accepted = Seen & Readonly<{ position: LogPosition }>;

/** A place in the log and the time of what lies there. */
export type WindowEdge = Pick<Accepted, 'at' | 'position'>;

/**
 * Names a message id of a bot; case does not tell UUIDs apart. A bot's name holds no slash, so no bot can spell
 * another's key.
 */
export const acceptedKey = (bot: string, id: string): string => `${bot}/${id.toLowerCase()}`;

/** Clocks of store and gateways may disagree by this much on top of what bots are allowed. */
const CLOCK_MARGIN_MS = 15_000;

export type WindowLimits = Readonly<{ minEntries: number; maxEntries: number; minAgeMs: number }>;

export const WINDOW_LIMITS: WindowLimits = { minEntries: 10_000, maxEntries: 75_000, minAgeMs: 120_000 };

/**
 * The ids accepted lately, over all channels, in two halves: when the newer is full the older is dropped, so that
 * forgetting costs nothing. `covers` says for which ids "not here" means "never accepted".
 */
export class AcceptedWindow {
  private readonly fingerprints = new Fingerprints();
  private newer: SeenTable;
  private older: SeenTable;
  /** Behind it lies what this window has forgotten or never held; undefined when it reaches back to the log's start. */
  private edge: WindowEdge | undefined;
  private newest: WindowEdge | undefined;
  /** Seq of the newest message taken, by channel. */
  private readonly taken = new Map<string, number>();
  private firstOfNewer: WindowEdge | undefined;
  private lastOfOlder: WindowEdge | undefined;
  /** The latest time of all that was taken, of what lies up to the end of `older`, and behind the edge: clocks are set back, too. */
  private latest = -Infinity;
  private latestOfOlder = -Infinity;
  private latestBehind = -Infinity;

  /**
   * @param seed random where strangers choose ids
   * @param room for so many ids a half need not grow
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
   * Fills the window from the log's tail at start.
   * @param entries as {@link add} takes them
   * @param edge the oldest event that was read; undefined if that was the first of the log
   */
  prefill(entries: readonly (readonly [string | undefined, Accepted])[], edge: WindowEdge | undefined): void {
    if (edge) this.latest = this.latestBehind = edge.at;
    this.edge = edge;
    for (const [key, accepted] of entries) this.add(key, accepted);
  }

  /**
   * Takes an accepted message, in log order; what lies before the newest one taken is passed over. Should an id be in the
   * log twice, the first stands. Messages of the channel that are missing before it were scavenged before they came here: only
   * ids made after it are certain then.
   *
   * @param key undefined for what has a place in a channel, and no id
   */
  add(key: string | undefined, accepted: Accepted): void {
    if (this.newest && comparePositions(accepted.position, this.newest.position) <= 0) return;
    this.newest = accepted;
    this.latest = Math.max(this.latest, accepted.at);
    this.firstOfNewer ??= accepted;
    if (accepted.seq > this.dueIn(accepted.channel)) this.forgetUpTo(accepted, this.latest);
    this.taken.set(accepted.channel, accepted.seq);
    if (key === undefined) return;
    const fingerprint = this.fingerprints.of(key);
    if (!this.older.get(fingerprint) && !this.newer.get(fingerprint)) this.newer.set(fingerprint, accepted);
    const aged = accepted.at - this.firstOfNewer.at >= this.limits.minAgeMs;
    const size = this.newer.size;
    if (size >= this.limits.maxEntries || (aged && size >= this.limits.minEntries)) this.turnOver(accepted);
  }

  find(key: string): Seen | undefined {
    const fingerprint = this.fingerprints.of(key);
    return this.newer.get(fingerprint) ?? this.older.get(fingerprint);
  }

  /** The newest that was taken: another one each time the log has brought something. */
  get front(): WindowEdge | undefined {
    return this.newest;
  }

  /** Whether the message of this number has gone through the window, be it forgotten since. */
  hasTaken(channel: string, seq: number): boolean {
    return seq <= (this.taken.get(channel) ?? -1);
  }

  /**
   * Whether this id, if it was ever accepted, must be in the window. An id accepted at store time T was made no later
   * than T plus the lead a bot's clock may have, so an id made well after the window's edge can't lie behind it.
   */
  covers(id: string): boolean {
    if (this.edge === undefined) return true;
    const madeAt = uuidTime(id);
    return madeAt !== undefined && madeAt > this.latestBehind + MAX_CLOCK_LEAD_MS + CLOCK_MARGIN_MS;
  }

  /**
   * Whether a message recorded at this time has certainly gone through this window or lies behind its edge, so that
   * all that came before it in its stream has, too.
   */
  hasPassed(at: number): boolean {
    const passed = (this.newest?.at ?? -Infinity) - CLOCK_MARGIN_MS;
    return at <= Math.max(passed, this.edge?.at ?? -Infinity);
  }

  /** Whether a look-up elsewhere that reflects the log up to `position` leaves no hole before this window. */
  joinsOnto(position: LogPosition): boolean {
    return this.edge === undefined || comparePositions(position, this.edge.position) >= 0;
  }

  /** The seq that comes next in a channel; of one that may have begun behind the edge it is not known. */
  private dueIn(channel: string): number {
    const last = this.taken.get(channel);
    if (last !== undefined) return last + 1;
    return this.edge === undefined ? 0 : Infinity;
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
