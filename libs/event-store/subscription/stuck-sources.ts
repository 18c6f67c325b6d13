import { Boundary } from '#libs/platform/faults/boundary.js';
import { Interval } from '#libs/time/interval.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { LOG_START, comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { LogRead } from '../stored/read-request.js';
import type { StoredEvent } from '../stored/stored-event.js';
import { looksNeeded, standingAfter } from './standing.js';
import type { Look, Standing } from './standing.js';

const LOOK = new Boundary('log.stuck-sources');

/**
 * Looks within the time that the store may take for a call. The third look that finds a source behind proves that it is
 * stuck: the event was due for a whole such time. That is known after at most two such times.
 */
const LOOKS_A_DEADLINE = 2;
/** The first event may be the one at the place itself. */
const LOOK_AT = 2;
/** Places whose renewals are remembered. */
const PLACES = 64;

/** An open read that follows the log, as far as it is watched. */
export interface FollowingSource {
  /** Place of the newest answer that was taken, while nothing more has come; undefined while its user is busy. */
  readonly waitsAt: LogPosition | undefined;
  readonly isOver: boolean;
  endRead(error: Error): void;
}

/** Reads from the log beside the sources. The signal ends the read. */
type ReadBeside = (read: LogRead, signal: AbortSignal) => AsyncIterable<readonly StoredEvent[]>;

type Watched = {
  filter: LogRead['filter'];
  waited?: LogPosition | undefined;
  standing?: Standing | undefined;
};

/**
 * Ends sources that are stuck: the connection lives and the source says nothing, although the log has events for it. A
 * read beside the source proves that, again and again, before the source is ended with StoreUnavailable. Whoever
 * follows then opens another one at its position, so nothing is lost or comes twice. A store that does not answer the
 * reads proves nothing: that is found by the deadlines of calls.
 */
export class StuckSources {
  readonly #sources = new Map<FollowingSource, Watched>();
  /** How often sources were ended at a place. */
  readonly #renewals = new Map<string, number>();
  /** Milliseconds between two looks, and that the store has to answer one. */
  readonly #lookMs: number;
  readonly #looks: Interval;
  readonly #listeners: ((why: string) => void)[] = [];

  constructor(
    private readonly readBeside: ReadBeside,
    deadlineMs: number,
  ) {
    this.#lookMs = deadlineMs / LOOKS_A_DEADLINE;
    this.#looks = new Interval(this.#lookMs, () => this.lookAround(), LOOK);
  }

  /** Calls the listener with the reason whenever a source was ended. */
  onEnded(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Watches a source until it is over. */
  watchSource(source: FollowingSource, { filter }: Pick<LogRead, 'filter'>): void {
    this.#sources.set(source, { filter });
    this.#looks.start();
  }

  stopWatching(): void {
    this.#sources.clear();
    void this.#looks.stop();
  }

  /** Looks once at every source that has waited at one place since the look before. */
  async lookAround(): Promise<void> {
    const reads = new Map<string, Promise<Look>>();
    await Promise.all([...this.#sources].map(([source, watched]) => this.#lookAt(source, watched, reads)));
    if (this.#sources.size === 0) void this.#looks.stop();
  }

  async #lookAt(source: FollowingSource, watched: Watched, reads: Map<string, Promise<Look>>): Promise<void> {
    if (source.isOver) return void this.#sources.delete(source);
    const place = source.waitsAt;
    const hasWaited = place && watched.waited && comparePositions(place, watched.waited) === 0;
    watched.waited = place;
    if (!hasWaited) return;
    const sight = `${keyOf(place)} ${JSON.stringify(watched.filter)}`;
    const reading = reads.get(sight) ?? this.#look(place, watched.filter);
    reads.set(sight, reading);
    const look = await reading;
    const now = source.waitsAt;
    if (source.isOver || !now || comparePositions(now, place) !== 0) return;
    watched.standing = standingAfter(watched.standing, place, look);
    const renewals = this.#renewals.get(keyOf(place)) ?? 0;
    if ((watched.standing?.looks ?? 0) >= looksNeeded(renewals)) this.#endSource(source, place, renewals);
  }

  async #look(place: LogPosition, filter: LogRead['filter']): Promise<Look> {
    const late = new AbortController();
    const cancel = SYSTEM_CLOCK.after(this.#lookMs, () => late.abort());
    const from = comparePositions(place, LOG_START) === 0 ? 'start' : place;
    const read: LogRead = {
      direction: 'forwards',
      from,
      filter,
      follow: false,
      limit: LOOK_AT,
      tellsDamage: true,
    };
    try {
      for await (const batch of this.readBeside(read, late.signal))
        if (batch.some((event) => isBehind(event, place))) return 'behind';
      return late.signal.aborted ? 'unknown' : 'level';
    } catch {
      return 'unknown';
    } finally {
      cancel();
    }
  }

  #endSource(source: FollowingSource, place: LogPosition, renewals: number): void {
    const key = keyOf(place);
    this.#renewals.delete(key);
    this.#renewals.set(key, renewals + 1);
    if (this.#renewals.size > PLACES) this.#renewals.delete(this.#renewals.keys().next().value!);
    this.#sources.delete(source);
    const why = `The event store sent nothing behind position ${place.commit}, although the log goes on`;
    source.endRead(new StoreUnavailable(why));
    for (const listener of this.#listeners) LOOK.run(() => listener(why));
  }
}

const isBehind = (event: StoredEvent, place: LogPosition): boolean =>
  event.damaged === undefined && comparePositions(event.position, place) > 0;

const keyOf = ({ commit, prepare }: LogPosition): string => `${commit}/${prepare}`;
