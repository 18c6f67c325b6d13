import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storedText, type StoredText } from './stored-text.js';
import { timeText } from './ticks.js';

/**
 * Returns a CloudEvents 1.0 event in its JSON format, on one line. `source` is the stream, so that source and
 * id together are unique. Extensions hold what CloudEvents has no attribute for. Their values may not be
 * objects, so the metadata is JSON in a string. Extension names have lower case letters and digits only
 * (CloudEvents 1.0, "Naming Conventions").
 */
export const cloudEventsLine = (event: StoredEvent): string => {
  const head = {
    specversion: '1.0',
    id: event.eventId,
    source: `/streams/${encodeURIComponent(event.stream)}`,
    type: event.type === '' ? 'unnamed' : event.type,
    time: timeText(event.ticks),
    position: formatPosition(event.position),
    stream: event.stream,
    revision: String(event.revision),
    ...metadataOf(storedText(event.metadata, true)),
  };
  return `${JSON.stringify(head).slice(0, -1)}${dataOf(storedText(event.data, event.isJson))}}\n`;
};

const metadataOf = (text: StoredText): object => {
  if (text === undefined) return {};
  return 'json' in text ? { metadata: text.json } : { metadatabase64: text.base64 };
};

const dataOf = (text: StoredText): string => {
  if (text === undefined) return '';
  return 'json' in text
    ? `,"datacontenttype":"application/json","data":${text.json}`
    : `,"datacontenttype":"application/octet-stream","data_base64":"${text.base64}"`;
};
