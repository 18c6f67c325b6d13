import { Decoder, PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { RequestError } from '#libs/protocol/errors.js';
import { parseExactly } from '#libs/protocol/exact-json/parse-exactly.js';
import { spoiledIn } from '../frames/spoiled-frame.js';
import { UNREADABLE } from './unreadable.js';

/** Matches type, number of attachments, namespace and id; JSON follows (Socket.IO protocol, revision 5). */
const PACKET = /^([0-6])(?:(\d{1,4})-)?(?:(\/[^,]*)(?:,|$))?(\d{1,15})?/;
/** Matches the name of an event whose JSON can't be read, if the name is a plain one. */
const NAME = /^\[\s*"([a-z_]{1,32})"/;

/** Names of Socket.IO's own events. */
const RESERVED = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

const NO_JSON = 'The payload is not valid JSON; it has no NaN or Infinity, for example';
const NOT_BINARY = 'The payload is binary, which JSON can’t carry; send it as a string';
const NO_REQUEST = 'A request is a list of its name and one JSON object, a handshake one JSON object';

type Head = Readonly<{
  type: PacketType;
  attachments: number;
  nsp: string;
  id: number | undefined;
  json: string;
}>;

/**
 * Decodes the Socket.IO packets that bots and people send. It differs from Socket.IO's own decoder in two ways. It
 * refuses JSON that would not come back as it was sent, and it refuses what is not JSON, or binary. The refusal is a
 * packet whose payload is a {@link RequestError}, so that the sender gets an answer; Socket.IO's own decoder closes the
 * connection. Attachments are not kept, because no request may have any.
 */
export class ExactDecoder extends Decoder {
  private awaited = 0;

  /** @throws Error when a frame breaks Socket.IO's protocol; the connection is closed then */
  override add(frame: unknown): void {
    const spoiled = spoiledIn(frame);
    const text = spoiled ? spoiled.head : frame;
    if (typeof text !== 'string') return this.takeAttachment();
    if (this.awaited > 0) throw new Error('A packet came where an attachment was due');
    const head = readHead(text);
    this.awaited = head.attachments;
    const { type, nsp, id } = head;
    const data = spoiled ? refused(head, spoiled.refusal) : payloadOf(head);
    this.emitReserved('decoded', {
      type: PLAIN[type] ?? type,
      nsp,
      ...(id === undefined ? {} : { id }),
      ...(data === undefined ? {} : { data }),
    } satisfies Packet);
  }

  override destroy(): void {
    this.awaited = 0;
  }

  private takeAttachment(): void {
    if (this.awaited === 0) throw new Error('An attachment came that belongs to no packet');
    this.awaited -= 1;
  }
}

/** Maps the binary types to the plain ones, because attachments are dropped. */
const PLAIN: Readonly<Partial<Record<PacketType, PacketType>>> = {
  [PacketType.BINARY_EVENT]: PacketType.EVENT,
  [PacketType.BINARY_ACK]: PacketType.ACK,
};

const readHead = (text: string): Head => {
  const found = PACKET.exec(text);
  if (!found) throw new Error('This is no packet');
  const [{ length }, digit, attachments, nsp = '/', id] = found;
  const json = text.slice(length);
  if (/^\d/.test(json)) throw new Error('The number of a request has more than 15 digits');
  const type = Number(digit) as PacketType;
  const isBinary = PLAIN[type] !== undefined;
  if (isBinary !== (attachments !== undefined) || attachments === '0')
    throw new Error('The number of attachments is wrong');
  return {
    type,
    attachments: Number(attachments ?? 0),
    nsp,
    id: id === undefined ? undefined : Number(id),
    json,
  };
};

/**
 * Returns the payload of a packet.
 * @throws Error for a type that may not come, or that has a payload but must not have one
 */
const payloadOf = (head: Head): unknown => {
  const { type, json } = head;
  switch (type) {
    case PacketType.CONNECT:
      return json === '' ? undefined : readOr(head, isObject);
    case PacketType.EVENT:
    case PacketType.BINARY_EVENT:
      return json === '' ? undefined : readOr(head, isEvent);
    case PacketType.ACK:
    case PacketType.BINARY_ACK:
      return acknowledged(json);
    case PacketType.DISCONNECT:
      if (json === '') return undefined;
  }
  throw new Error('This packet is not allowed here');
};

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEvent = (value: unknown): boolean =>
  Array.isArray(value) &&
  (typeof value[0] === 'number' || (typeof value[0] === 'string' && !RESERVED.has(value[0])));

/** Returns the JSON of a packet if it has the right shape, or else the refusal in its place. */
const readOr = (head: Head, isRight: (value: unknown) => boolean): unknown => {
  try {
    const value = parseExactly(head.json, { hidden: hiddenIn(head), hasAttachments: head.attachments > 0 });
    if (head.attachments > 0) return refused(head, invalid(NOT_BINARY));
    return isRight(value) ? value : refused(head, invalid(NO_REQUEST));
  } catch (error) {
    return refused(head, error instanceof RequestError ? error : invalid(NO_JSON));
  }
};

/** Returns how many levels of nesting do not count: an event's name and payload are in a list. */
const hiddenIn = ({ type }: Head): number => (type === PacketType.CONNECT ? 0 : 1);

const refused = ({ type, json }: Head, refusal: RequestError): unknown => {
  switch (type) {
    case PacketType.CONNECT:
      return refusal;
    case PacketType.EVENT:
    case PacketType.BINARY_EVENT: {
      const name = NAME.exec(json)?.[1];
      return [name === undefined || RESERVED.has(name) ? UNREADABLE : name, refusal];
    }
    case PacketType.ACK:
    case PacketType.BINARY_ACK:
      return [];
    default:
      throw new Error('This is no packet');
  }
};

/**
 * Returns what a client sent with an acknowledgement, or an empty list when it can't be read. Only the fact that the
 * event was handled counts; a handler may return anything.
 */
const acknowledged = (json: string): unknown[] => {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
};

/** Returns a new error each time, because a handshake is known by its payload. */
const invalid = (message: string): RequestError => new RequestError('invalid_payload', message);
