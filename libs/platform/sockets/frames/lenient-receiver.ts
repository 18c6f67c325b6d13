import { isUtf8 } from 'node:buffer';
import type { EventEmitter } from 'node:events';
import type { TurnShare } from '../../limits/loop-turns.js';
import { HEAD_BYTES, notUtf8, spoiledFrame, spoiledText, tooLong } from './spoiled-frame.js';

type Done = (error?: Error) => void;

/** What is used of the class that reads frames in `ws`; none of it is in its types. */
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

/** Numbers of `ws` and of RFC 6455. */
const GET_INFO = 0;
const TEXT = 1;
const LAST_OF_DATA = 7;

/** By receiver that drops the rest of a message: how that began. */
const heads = new WeakMap<Receiver, Buffer>();
/** By prototype of `ws`, of which there may be several copies. */
const lenients = new WeakMap<Receiver, Receiver>();

/**
 * Has a WebSocket read on where `ws` by itself would close it: behind messages that are too long, of which it
 * keeps no more than the head, and text that is no UTF-8. They come as frames that say why they are refused. Of many messages
 * that come at once, those that have no part in a turn of the event loop come in the turns that follow, in order; what
 * lies behind them, the end of the connection too, is not read before.
 *
 * @param socket of `ws`, on the server's side
 * @param allowed bytes of a message that is handed on whole
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
  // Asked before each message: if it is false, `ws` hands on that message, and goes on reading, in the next turn.
  Object.defineProperty(receiver, '_allowSynchronousEvents', { get: () => share.take() });
};

/** Beyond so many bytes a message closes the connection, whatever else is said of it. */
export const boundMessages = (socket: object, bytes: number): void => {
  const receiver = receiverOf(socket);
  if (receiver) receiver['_maxPayload'] = bytes;
};

/** Calls before the connection is closed over what came, while something can still be said. */
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

/** What Engine.IO closes the connection for. */
const NO_PACKET = Buffer.from('?');

/** As `ws` says it. */
const TOO_MANY: [ErrorConstructor, string, boolean, number, string] = [
  RangeError,
  'Too many message fragments',
  false,
  1008,
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
];

/** Counts a fragment when its data is begun. */
const hasTooManyFragments = (receiver: Receiver): boolean => {
  if (inFrame.has(receiver)) return false;
  inFrame.add(receiver);
  receiver['_numFragments'] += 1;
  return receiver['_maxFragments'] > 0 && receiver['_numFragments'] > receiver['_maxFragments'];
};

/** Receivers in the middle of a frame that is dropped. */
const inFrame = new WeakSet<Receiver>();

/** Takes what has come of a frame's data, and keeps none of it but the message's head. */
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

/** @returns whether enough has come */
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
