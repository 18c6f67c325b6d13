import { parsePosition } from '#libs/event-store/position.js';
import { isInstant, STORE_TICKS, ticksAt } from '#libs/protocol/validation/instants.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { endOfJson } from './json-end.js';

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const HEAD = new RegExp(
  String.raw`^\{"position":"(\d{1,20})","stream":(${TEXT}),"revision":(\d{1,20}),"type":(${TEXT})` +
    String.raw`,"id":"([0-9a-f-]{36})","time":"([^"]{1,40})"(,"isJson":true)?`,
);
const MEMBER = /,"(data|metadata|dataBase64|metadataBase64)":/y;

/**
 * Reads a line of an export in the format `ndjson`, without its line break, back into the event as it is stored, byte
 * for byte.
 *
 * @throws RangeError when it is not such a line
 */
export const readExportLine = (line: string): StoredEvent => {
  const head = HEAD.exec(line);
  if (!head) throw new RangeError('it is no event of an export in the format ndjson');
  const [read, position, stream, revision, type, eventId, time, isJson] = head;
  if (!isInstant(time, STORE_TICKS)) throw new RangeError('its time is none');
  const members = membersOf(line, read.length);
  return {
    position: parsePosition(position!),
    stream: JSON.parse(stream!) as string,
    revision: Number(revision),
    type: JSON.parse(type!) as string,
    eventId: eventId!,
    ticks: ticksAt(time),
    isJson: isJson !== undefined || members.data !== undefined,
    data: bytesOf(members.data, members.dataBase64),
    metadata: bytesOf(members.metadata, members.metadataBase64),
  };
};

type Members = Partial<Record<'data' | 'metadata' | 'dataBase64' | 'metadataBase64', string>>;

const membersOf = (line: string, from: number): Members => {
  const members: Members = {};
  let at = from;
  while (line[at] === ',') {
    MEMBER.lastIndex = at;
    const [opening, name] = MEMBER.exec(line) ?? [];
    if (opening === undefined || members[name as keyof Members] !== undefined)
      throw new RangeError('it has a member that no event of an export has');
    const end = endOfJson(line, at + opening.length);
    members[name as keyof Members] = line.slice(at + opening.length, end);
    at = end;
  }
  if (line.slice(at) !== '}') throw new RangeError('it does not end like an event of an export');
  return members;
};

/** Base64 counts before the text, which is there for people then. */
const bytesOf = (json: string | undefined, base64: string | undefined): Buffer => {
  if (base64 === undefined) return Buffer.from(json ?? '');
  if (!/^"[A-Za-z0-9+/]*={0,2}"$/.test(base64)) throw new RangeError('it has bytes that are not in base64');
  return Buffer.from(base64.slice(1, -1), 'base64');
};
