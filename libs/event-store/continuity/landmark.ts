import { StoreFault, StreamGone, UnknownPosition } from '../event-store.errors.js';
import { comparePositions, keptPositionOf, revisionOf } from '../position.js';
import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { StoredEvent } from '../stored/stored-event.js';

/**
 * An event that identifies a place in the log. The position alone is not enough: a log that was restored from an older
 * copy and has grown since has other events there. A message that a bot sends again has the same event id, but another
 * time.
 */
export type Landmark = Readonly<{
  position: LogPosition;
  /** Name of the stream in the store. */
  stream: string;
  revision: number;
  eventId: string;
  /** When the store recorded the event, in milliseconds since 1970. */
  at: number;
}>;

const TICKS_A_MILLISECOND = 10_000n;

export const landmarkOf = ({ position, stream, revision, eventId, ticks }: StoredEvent): Landmark => ({
  position,
  stream,
  revision,
  eventId,
  at: Number(ticks / TICKS_A_MILLISECOND),
});

/** Returns the landmark of a decoded event. `stream` is its name in the store. */
export const landmarkOfDecoded = (event: PositionedEvent, stream: string): Landmark => ({
  position: event.position,
  stream,
  revision: event.revision,
  eventId: event.eventId,
  at: event.at.getTime(),
});

/** The reads that are needed to look for a landmark. */
export type Lookout = Readonly<{
  /** Returns the first event at or after the position. @throws UnknownPosition | StoreUnavailable | StoreFault */
  eventFrom(position: LogPosition): Promise<StoredEvent | undefined>;
  /**
   * Returns the first revision of a stream at or after `from` that can be read, and the last one it ever had.
   * @throws StreamGone | StoreUnavailable | StoreFault
   */
  streamFrom(
    stream: string,
    from: number,
  ): Promise<Readonly<{ first: number | undefined; last: number | undefined }>>;
}>;

/** Returns the event exactly at a position. @throws StoreUnavailable | StoreFault */
export const eventAt = async (look: Lookout, position: LogPosition): Promise<StoredEvent | undefined> => {
  try {
    const found = await look.eventFrom(position);
    return found && comparePositions(found.position, position) === 0 ? found : undefined;
  } catch (error) {
    if (error instanceof UnknownPosition) return undefined;
    throw error;
  }
};

/**
 * Returns whether this is the log in which the landmark was seen. It is, if the event is there unchanged; if the event
 * was scavenged, which its stream still shows; or if it is damaged, which proves nothing and is reported elsewhere.
 *
 * @throws StoreUnavailable
 */
export const isLandmarkIn = async (look: Lookout, landmark: Landmark): Promise<boolean> => {
  try {
    const found = await eventAt(look, landmark.position);
    if (found) return isSameEvent(landmarkOf(found), landmark);
    return await wasScavenged(look, landmark);
  } catch (error) {
    if (error instanceof StoreFault) return true;
    throw error;
  }
};

const isSameEvent = (one: Landmark, other: Landmark): boolean =>
  one.eventId === other.eventId &&
  one.at === other.at &&
  one.stream === other.stream &&
  one.revision === other.revision;

const wasScavenged = async (look: Lookout, { stream, revision }: Landmark): Promise<boolean> => {
  if (revisionOf(revision) === undefined) return false; // a tombstone is never scavenged
  try {
    const { first, last = -1 } = await look.streamFrom(stream, revision);
    return first === revision ? false : Math.max(first ?? -1, last) >= revision;
  } catch (error) {
    if (error instanceof StreamGone) return true;
    throw error;
  }
};

/** Encodes a landmark as text, for a database or a file. */
export const landmarkToText = ({ position, ...rest }: Landmark): string =>
  JSON.stringify({ commit: `${position.commit}`, prepare: `${position.prepare}`, ...rest });

/** Decodes a landmark. Returns undefined for a text that {@link landmarkToText} did not write. */
export const landmarkFromText = (text: string): Landmark | undefined => {
  try {
    const { commit, prepare, ...rest } = JSON.parse(text) as Record<string, string>;
    const position = keptPositionOf(commit ?? '', prepare ?? '');
    const isWhole = ['stream', 'revision', 'eventId', 'at'].every((name) => name in rest);
    return position && isWhole ? ({ position, ...rest } as unknown as Landmark) : undefined;
  } catch {
    return undefined;
  }
};
