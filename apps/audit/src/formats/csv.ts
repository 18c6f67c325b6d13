import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storedText, type StoredText } from './stored-text.js';
import { timeText } from './ticks.js';

const COLUMNS = 'position,stream,revision,type,id,time,data,metadata,dataBase64,metadataBase64';

export const CSV_HEADER = `${COLUMNS}\r\n`;

/**
 * Returns a record of RFC 4180. JSON text goes into `data` and `metadata`; bytes that are not JSON go into
 * the base64 columns.
 */
export const csvLine = (event: StoredEvent): string => record(event, (text) => text);

/**
 * Returns a record for spreadsheets, which treat text that begins with one of these characters as a formula.
 * Such a field gets an apostrophe in front, which makes it text, but it is then no longer what is stored.
 */
export const spreadsheetLine = (event: StoredEvent): string => record(event, asText);

const asText = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const record = (event: StoredEvent, shown: (text: string) => string): string => {
  const data = storedText(event.data, event.isJson);
  const metadata = storedText(event.metadata, true);
  const fields = [
    formatPosition(event.position),
    quoted(shown(event.stream)),
    String(event.revision),
    quoted(shown(event.type)),
    event.eventId,
    timeText(event.ticks),
    quoted(shown(jsonOf(data))),
    quoted(shown(jsonOf(metadata))),
    shown(base64Of(data)),
    shown(base64Of(metadata)),
  ];
  return `${fields.join(',')}\r\n`;
};

const jsonOf = (text: StoredText): string => (text && 'json' in text ? text.json : '');

const base64Of = (text: StoredText): string => (text && 'base64' in text ? text.base64 : '');

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
