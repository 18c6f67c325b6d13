import { open } from 'node:fs/promises';
import { exportedEvents, type ExportSource } from '#libs/audit-verify/source/export-events.js';
import { decodePositioned, isSystemEvent } from '#libs/event-store/codec/decode-event.js';
import { LogState } from '#libs/time-travel/log-state.js';
import { isAfter, readPlace, type Place } from '#libs/time-travel/place.js';
import type { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';

/** Reads a place that was typed. @throws CommandFailed */
export const placeTyped = (option: string, text: string): Place => {
  const place = readPlace(text);
  if (place) return place;
  throw new CommandFailed(
    `${option} must be a position, or a date or time with offset, like 2026-11-23T18:30:00Z`,
  );
};

/**
 * Returns the states of a log at places, which must be in the order of the log; without a place, the state at its end.
 * The log is that of the server, or of a whole export in the format `ndjson`.
 *
 * @throws CommandFailed when the log can't be read to the last place, or places are not in order; UnfitInput for a file that is no export
 */
export const statesAt = async (
  source: ApiClient | string,
  places: readonly (Place | undefined)[],
): Promise<LogState[]> => {
  requireOrder(places);
  if (typeof source !== 'string') return foldTo(replayed(await replayOf(source)), places);
  const file = await open(source).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${source} can't be read (${error.code})`);
  });
  try {
    return await foldTo(file, places);
  } finally {
    await file.close();
  }
};

const foldTo = async (source: ExportSource, places: readonly (Place | undefined)[]): Promise<LogState[]> => {
  const states: LogState[] = [];
  const state = new LogState();
  for await (const batch of exportedEvents(source)) {
    for (const stored of batch) {
      while (states.length < places.length && isPast(places[states.length], stored))
        states.push(state.copy());
      if (places.slice(states.length).some((place) => isPast(place, stored)))
        throw new CommandFailed('The later place lies before the earlier one');
      if (states.length === places.length) return states;
      if (!isSystemEvent(stored, stored.stream)) state.applyEvent(decodePositioned(stored));
    }
  }
  while (states.length < places.length) states.push(state.copy());
  return states;
};

/** Refuses places of one kind that are not in order, also those that the log has not reached yet. */
const requireOrder = (places: readonly (Place | undefined)[]): void => {
  const [earlier, later] = places;
  if (!earlier || !later) return;
  const isBefore =
    ('position' in earlier && 'position' in later && later.position < earlier.position) ||
    ('ticks' in earlier && 'ticks' in later && later.ticks < earlier.ticks);
  if (isBefore) throw new CommandFailed('The later place lies before the earlier one');
};

const isPast = (place: Place | undefined, event: Parameters<typeof isAfter>[1]): boolean =>
  place !== undefined && isAfter(place, event);

const replayOf = async (client: ApiClient): Promise<AsyncIterable<Uint8Array>> => {
  const { body } = await client.stream('/v1/audit/events', 'gzip');
  return (body ?? []) as AsyncIterable<Uint8Array>;
};

/** Makes an answer that arrives readable like a file, from its start on. */
const replayed = (chunks: AsyncIterable<Uint8Array>): ExportSource => {
  const arriving = chunks[Symbol.asyncIterator]();
  let rest = new Uint8Array();
  return {
    read: async (buffer, offset, length) => {
      while (rest.length === 0) {
        const next = await arriving.next().catch(() => {
          throw new CommandFailed('The log was cut off before its end; try again');
        });
        if (next.done) return { bytesRead: 0 };
        rest = next.value as typeof rest;
      }
      const bytesRead = Math.min(length, rest.length);
      buffer.set(rest.subarray(0, bytesRead), offset);
      rest = rest.subarray(bytesRead);
      return { bytesRead };
    },
  };
};
