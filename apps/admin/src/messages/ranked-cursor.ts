import { WHOLE_NUMBER, cursorKind, decodeCursor, encodeCursor } from '../query/cursor.js';
import type { Place } from './message-filter.js';

const ROADS = ['newest', 'indexed'] as const;

/** How the matches of a window are found. */
export type Road = (typeof ROADS)[number];

/** The part of the log whose matches are ranked together. Without a `floor` it reaches to the beginning. */
export type RankedWindow = Readonly<{ road: Road; below: Place; floor?: Place }>;

export type RankedPlace = Place & Readonly<{ rating: number }>;

/** Where a page begins: after a message of a window, or with a new window below a place. */
type Beginning = Readonly<
  | { window: RankedWindow; after: RankedPlace; below?: undefined }
  | {
      window?: undefined;
      after?: undefined;
      below?: Place;
    }
>;

const IN_WINDOW = 'r1';
const NEW_WINDOW = 'r2';

/** Returns the cursor of a page that begins after this message of a window. */
export const encodeRanked = ({ road, below, floor }: RankedWindow, after: RankedPlace): string =>
  encodeCursor(
    IN_WINDOW,
    road,
    below.position,
    below.seq,
    floor?.position ?? 0,
    floor?.seq ?? 0,
    after.rating,
    after.position,
    after.seq,
  );

/** Returns the cursor of a page that begins with a new window below this place. */
export const encodeSpanBelow = ({ position, seq }: Place): string => encodeCursor(NEW_WINDOW, position, seq);

const PLACE = [WHOLE_NUMBER, WHOLE_NUMBER];

/** @throws RequestError `invalid_payload` for a broken cursor, also for one of a list that is sorted by time */
export const readRankedCursor = (cursor: string | undefined): Beginning => {
  if (cursor === undefined) return {};
  if (cursorKind(cursor) === NEW_WINDOW) {
    const [position, seq] = decodeCursor(NEW_WINDOW, cursor, PLACE);
    return { below: { position: position!, seq: seq! } };
  }
  const patterns = [new RegExp(`^(${ROADS.join('|')})$`), ...PLACE, ...PLACE, /^\d{1,4}$/, ...PLACE];
  const parts = decodeCursor(IN_WINDOW, cursor, patterns);
  const [road, belowPosition, belowSeq, floorPosition, floorSeq, rating, position, seq] = parts;
  const floor =
    floorPosition === '0' && floorSeq === '0' ? undefined : { position: floorPosition!, seq: floorSeq! };
  return {
    window: {
      road: road as Road,
      below: { position: belowPosition!, seq: belowSeq! },
      ...(floor && { floor }),
    },
    after: { rating: Number(rating), position: position!, seq: seq! },
  };
};
