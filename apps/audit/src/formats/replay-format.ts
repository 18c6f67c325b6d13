import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { cloudEventsLine } from './cloudevents.js';
import { CSV_HEADER, csvLine, spreadsheetLine } from './csv.js';
import { ndjsonLine } from './ndjson.js';

/**
 * Describes how events are printed: one per line, so that a file can be cut after any line and joined again.
 */
export type ReplayFormat = Readonly<{
  contentType: string;
  /** Printed once, before the first event of a replay that does not continue an earlier one. */
  header: string;
  /** Returns the line of an event, with its line break. */
  line(event: StoredEvent): string;
}>;

export const REPLAY_FORMATS = {
  ndjson: { contentType: 'application/x-ndjson', header: '', line: ndjsonLine },
  csv: { contentType: 'text/csv; charset=utf-8', header: CSV_HEADER, line: csvLine },
  spreadsheet: { contentType: 'text/csv; charset=utf-8', header: CSV_HEADER, line: spreadsheetLine },
  cloudevents: { contentType: 'application/x-ndjson', header: '', line: cloudEventsLine },
} as const satisfies Record<string, ReplayFormat>;

export type ReplayFormatName = keyof typeof REPLAY_FORMATS;
export const REPLAY_FORMAT_NAMES = Object.keys(REPLAY_FORMATS) as ReplayFormatName[];
