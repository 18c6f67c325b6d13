import type { LogIndex } from './log-index.js';

/** An event as the index has it. */
type IndexedEvent = Readonly<{ position: number; streamId: number; revision: number }>;

/** What the index has of a part of the log. */
export type IndexedPart = Readonly<{
  /** The part: positions from `low` to before `high`. */
  low: number;
  high: number;
  /** Its events, ascending by position. Scavenged ones are among them. */
  events: readonly IndexedEvent[];
  /** Names of their streams, by id. A name too long for a key of the index is missing. */
  names: ReadonlyMap<number, string>;
  /** Whether a stream was ever deleted for good. The index has no position of the event that marks this. */
  hasTombstones: boolean;
}>;

/** Milliseconds for which the search may keep other work waiting. */
const SLICE_MS = 5;
/** Values read before the clock is looked at. */
const STEP = 500;

/**
 * Searches the whole index for the events of a part of the log, because the index is sorted by stream. A million
 * events take about a second of processor time, in slices between which other work has its turn.
 * @param opened returns the index as it is open at that moment
 * @throws DamagedIndex | LogUnavailable
 */
export const searchIndex = async (
  opened: () => Pick<LogIndex, 'runs' | 'streamsAfter'>,
  low: number,
  high: number,
): Promise<IndexedPart> => {
  const events: IndexedEvent[] = [];
  await inSlices((after) =>
    opened().runs.lookThrough({ after, limit: STEP, low, high }, (event) => events.push(event)),
  );
  const wanted = new Set(events.map(({ streamId }) => streamId));
  const names = new Map<number, string>();
  let hasTombstones = false;
  await inSlices((after) => {
    const streams = opened().streamsAfter(after, STEP);
    for (const { name, state } of streams) {
      hasTombstones ||= state.tombstoned;
      if (name !== undefined && wanted.has(state.id)) names.set(state.id, name);
    }
    return streams.at(-1)?.key;
  });
  events.sort((a, b) => a.position - b.position);
  return { low, high, events, names, hasTombstones };
};

/** Calls a step with the key that the one before returned, until one returns none. */
const inSlices = async (step: (after: Buffer | undefined) => Buffer | undefined): Promise<void> => {
  let began = performance.now();
  for (let key = step(undefined); key !== undefined; key = step(key)) {
    if (performance.now() - began < SLICE_MS) continue;
    await new Promise(setImmediate);
    began = performance.now();
  }
};
