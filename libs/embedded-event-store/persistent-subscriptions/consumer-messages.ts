import { readStreamName } from '../protocol/proposed-events.js';
import type { UuidForm } from '../protocol/read-responses.js';
import { invalidArgument } from '../protocol/store-errors.js';
import { readUuid, uuidText } from '../rules/uuid.js';
import { WireReader } from '#libs/protobuf/wire.js';
import type { NackAction } from './rules/subscription-group.js';

/** A message of a consumer: first the options of its subscription, then answers to the events that it received. */
export type ConsumerMessage =
  | {
      readonly kind: 'options';
      /** Name of the stream; undefined for `$all`. */
      readonly stream: string | undefined;
      readonly group: string;
      readonly bufferSize: number;
      readonly uuids: UuidForm;
    }
  | { readonly kind: 'ack'; readonly ids: readonly string[] }
  | {
      readonly kind: 'nack';
      readonly ids: readonly string[];
      readonly action: NackAction;
      readonly reason: string;
    };

const ACTIONS: readonly NackAction[] = ['unknown', 'park', 'retry', 'skip', 'stop'];

/** Reads a ReadReq. @throws RpcError if it has none of the known fields */
export const readConsumerMessage = (bytes: Buffer): ConsumerMessage => {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) return readOptions(reader.message());
    if (reader.field === 2) return { kind: 'ack', ids: readAnswer(reader.message()).ids };
    if (reader.field === 3) return { kind: 'nack', ...readAnswer(reader.message()) };
    reader.skip();
  }
  throw invalidArgument('A consumer has to send options, an ack or a nack');
};

const readOptions = (reader: WireReader): ConsumerMessage => {
  let stream: string | undefined;
  let group = '';
  let bufferSize = 0;
  let uuids: UuidForm = 'structured';
  while (reader.next()) {
    if (reader.field === 1) stream = readStreamName(reader.message());
    else if (reader.field === 2) group = reader.string();
    else if (reader.field === 3) bufferSize = reader.uint();
    else if (reader.field === 4) {
      const option = reader.message();
      uuids = option.next() && option.field === 2 ? 'text' : 'structured';
    } else reader.skip();
  }
  if (bufferSize < 1 || bufferSize > 0x7fff_ffff)
    throw invalidArgument('A consumer has to take at least one message at a time');
  return { kind: 'options', stream, group, bufferSize, uuids };
};

const readAnswer = (reader: WireReader): { ids: string[]; action: NackAction; reason: string } => {
  const ids: string[] = [];
  let action: NackAction = 'unknown';
  let reason = '';
  while (reader.next()) {
    if (reader.field === 2) ids.push(uuidText(readUuid(reader.message())));
    else if (reader.field === 3) action = ACTIONS[reader.uint()] ?? 'skip';
    else if (reader.field === 4) reason = reader.string();
    else reader.skip();
  }
  return { ids, action, reason };
};
