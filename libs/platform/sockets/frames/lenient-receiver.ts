import { isUtf8 } from 'node:buffer';
import type { EventEmitter } from 'node:events';
import type { TurnShare } from '../../limits/loop-turns.js';
import { HEAD_BYTES, notUtf8, spoiledFrame, spoiledText, tooLong } from './spoiled-frame.js';

type Done = (error?: Error) => void;

/** The parts that are used here of the class that reads frames in `ws`. None of them is in its types. */
type Receiver = EventEmitter & {
  _allowedBytes?: number;
  _maxPayload: number;
  _maxFragments: number;
  _skipUTF8Validation: boolean;
  _payloadLength: number;
  _totalPayloadLength: number;
  _messageLength: number;
  _numFragments: number;
  _fragments: Buffer[];
  _fragmented: number;
  _fin: boolean;
  _opcode: number;
  _mask: Buffer | undefined;
  _buffers: readonly Buffer[];
  _bufferedBytes: number;
  _state: number;
  _loop: boolean;
  consume(bytes: number): Buffer;
  createError(...what: typeof TOO_MANY): Error;
  getData(done: Done): void;
};

/** States of `ws` and opcodes of RFC 6455. */
const GET_INFO = 0;
const TEXT = 1;
const LAST_OF_DATA = 7;

/** The beginning of the message that a receiver is dropping. */
const heads = new WeakMap<Receiver, Buffer>();
/** The lenient prototype made for each prototype of `ws`, of which several copies may be loaded. */
const lenients = new WeakMap<Receiver, Receiver>();

/**
 * Makes a WebSocket go on reading where `ws` itself would close it: after messages that are too long, of which only the
 * head is kept, and after text that is not UTF-8. Such messages arrive as frames that say why they are refused. When
 * many messages arrive at once, those that have no share in this turn of the event loop come in the following turns, in
 * order. What follows them, including the end of the connection, is not read before.
 *
 * @param socket of `ws`, on the server's side
 * @param allowed most bytes of a message that is handed on whole
 * @param share how many messages are handed on in one turn
 */
export const readOn = (socket: object, allowed: number, share: Pick<TurnShare, 'take'>): void => {
  const receiver = receiverOf(socket);
  if (!receiver || receiver['_allowedBytes'] !== undefined) return;
  const strict = Object.getPrototypeOf(receiver) as Receiver;
  const lenient = lenients.get(strict) ?? lenientOf(strict);
  lenients.set(strict, lenient);
  receiver['_allowedBytes'] = allowed;
  receiver['_skipUTF8Validation'] = true;
  Object.setPrototypeOf(receiver, lenient);
  // `ws` reads this before each message. When it is false, `ws` hands on that message and goes on reading in the next
  // turn.
  Object.defineProperty(receiver, '_allowSynchronousEvents', { get: () => share.take() });
};

/** Closes the connection for any message longer than this many bytes, even where {@link readOn} would drop it. */
export const boundMessages = (socket: object, bytes: number): void => {
  const receiver = receiverOf(socket);
  if (receiver) receiver['_maxPayload'] = bytes;
};

/**
 * Calls the function before the connection is closed because of what it received, while something can still be sent.
 */
export const beforeBreak = (socket: object, call: (error: Error & { code?: string }) => void): void => {
  receiverOf(socket)?.prependListener('error', call);
};

const receiverOf = (socket: object): Receiver | undefined =>
  Reflect.get(socket, '_receiver') as Receiver | undefined;

const lenientOf = (strict: Receiver): Receiver =>
  Object.assign(Object.create(strict) as Receiver, {
    getData(this: Receiver, done: Done): void {
      if (this['_opcode'] > LAST_OF_DATA || this['_totalPayloadLength'] <= this['_allowedBytes']!)
        strict.getData.call(this, done);
      else if (hasTooManyFragments(this)) done(this.createError(...TOO_MANY));
      else dropData(this);
    },
    emit(this: Receiver, event: string, ...args: unknown[]): boolean {
      const [data, isBinary] = args;
      const isText = event === 'message' && isBinary === false;
      const bytes = isText ? (data as Buffer) : undefined;
      if (!bytes || isUtf8(bytes)) return strict.emit.call(this, event, ...args);
      const spoiled = spoiledText(bytes.subarray(0, HEAD_BYTES), bytes.length, notUtf8());
      return spoiled
        ? strict.emit.call(this, event, spoiled, true)
        : strict.emit.call(this, event, NO_PACKET, false);
    },
  });

/** A frame for which Engine.IO closes the connection. */
const NO_PACKET = Buffer.from('?');

/** The same error as `ws` itself reports. */
const TOO_MANY: [ErrorConstructor, string, boolean, number, string] = [
  RangeError,
  'Too many message fragments',
  false,
  1008,
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
];

/** Counts a fragment when its data begins, and returns whether that is one too many. */
const hasTooManyFragments = (receiver: Receiver): boolean => {
  if (inFrame.has(receiver)) return false;
  inFrame.add(receiver);
  receiver['_numFragments'] += 1;
  return receiver['_maxFragments'] > 0 && receiver['_numFragments'] > receiver['_maxFragments'];
};

/** Receivers in the middle of a frame that is being dropped. */
const inFrame = new WeakSet<Receiver>();

/** Takes the part of a frame's data that has arrived, and keeps only the head of the message. */
const dropData = (receiver: Receiver): void => {
  const hasHead = heads.has(receiver) || takeHead(receiver);
  if (hasHead) dropWhatCame(receiver);
  if (!hasHead || receiver['_payloadLength'] > 0) receiver['_loop'] = false;
  else endFrame(receiver);
};

const dropWhatCame = (receiver: Receiver): void => {
  while (receiver['_payloadLength'] > 0 && receiver['_bufferedBytes'] > 0) {
    const bytes = Math.min(receiver['_payloadLength'], receiver['_buffers'][0]!.length);
    receiver.consume(bytes);
    receiver['_payloadLength'] -= bytes;
  }
};

/** @returns whether enough data has arrived for the head */
const takeHead = (receiver: Receiver): boolean => {
  const wanted = Math.min(receiver['_payloadLength'], HEAD_BYTES);
  if (receiver['_bufferedBytes'] < wanted) return false;
  const masked = wanted > 0 ? receiver.consume(wanted) : Buffer.alloc(0);
  const mask = receiver['_mask']!;
  const data = Buffer.from(masked.map((byte, index) => byte ^ mask[index % 4]!));
  receiver['_payloadLength'] -= wanted;
  const head = Buffer.concat([...receiver['_fragments'], data]).subarray(0, HEAD_BYTES);
  heads.set(receiver, Buffer.from(head));
  receiver['_fragments'] = [];
  return true;
};

const endFrame = (receiver: Receiver): void => {
  inFrame.delete(receiver);
  receiver['_mask'] = undefined;
  receiver['_state'] = GET_INFO;
  if (!receiver['_fin']) return;
  const bytes = receiver['_totalPayloadLength'];
  const head = heads.get(receiver)!;
  heads.delete(receiver);
  receiver['_totalPayloadLength'] = 0;
  receiver['_messageLength'] = 0;
  receiver['_fragmented'] = 0;
  receiver['_numFragments'] = 0;
  receiver['_fragments'] = [];
  const frame =
    receiver['_opcode'] === TEXT
      ? spoiledText(head, bytes, tooLong())
      : spoiledFrame({ head: undefined, bytes, refusal: tooLong() });
  if (frame) receiver.emit('message', frame, true);
  else receiver.emit('message', NO_PACKET, false);
};
