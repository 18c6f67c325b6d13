import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storedText, type StoredText } from './stored-text.js';
import { timeText } from './ticks.js';

/**
 * Returns one JSON object on one line: position, stream, revision, type, id, time, data, metadata. Data and
 * metadata are the stored text itself. Bytes that are not JSON become `dataBase64` and `metadataBase64`;
 * empty data or metadata is left out. The line says everything that is stored: text that had line breaks is there
 * as base64, too, and `isJson` is said where it can't be told from the data.
 */
export const ndjsonLine = (event: StoredEvent): string => {
  const data = storedText(event.data, event.isJson);
  const claim = event.isJson && !(data && 'json' in data) ? ',"isJson":true' : '';
  return (
    `{"position":"${formatPosition(event.position)}","stream":${JSON.stringify(event.stream)},"revision":${event.revision}` +
    `,"type":${JSON.stringify(event.type)},"id":"${event.eventId}","time":"${timeText(event.ticks)}"${claim}` +
    `${members('data', data)}${members('metadata', storedText(event.metadata, true))}}\n`
  );
};

const members = (name: string, text: StoredText): string => {
  if (text === undefined) return '';
  if ('base64' in text) return `,"${name}Base64":"${text.base64}"`;
  const exact = text.exact === undefined ? '' : `,"${name}Base64":"${text.exact}"`;
  return `,"${name}":${text.json}${exact}`;
};
