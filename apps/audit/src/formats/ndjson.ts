import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storedText, type StoredText } from './stored-text.js';
import { timeText } from './ticks.js';

/**
 * Returns one JSON object on one line: position, stream, revision, type, id, time, data, metadata. Data and
 * metadata are the stored text itself. Bytes that are not JSON become `dataBase64` and `metadataBase64`;
 * empty data or metadata is left out.
 */
export const ndjsonLine = (event: StoredEvent): string =>
  `{"position":"${formatPosition(event.position)}","stream":${JSON.stringify(event.stream)},"revision":${event.revision}` +
  `,"type":${JSON.stringify(event.type)},"id":"${event.eventId}","time":"${timeText(event.ticks)}"` +
  `${member('data', storedText(event.data, event.isJson))}${member('metadata', storedText(event.metadata, true))}}\n`;

const member = (name: string, text: StoredText): string => {
  if (text === undefined) return '';
  return 'json' in text ? `,"${name}":${text.json}` : `,"${name}Base64":"${text.base64}"`;
};
