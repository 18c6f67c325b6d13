import messages from '@eventstore/db-client/generated/persistent_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/persistent_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import type { UuidForm } from '../protocol/read-responses.js';
import { invalidArgument } from '../protocol/store-errors.js';
import { streamNameOf } from '../protocol/stream-name.js';
import { uuidBytes, uuidText } from '../rules/uuid.js';
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
  const message = decodeGenerated(messages.ReadReq, bytes);
  const [options, ack, nack] = [message.getOptions(), message.getAck(), message.getNack()];
  if (options) return readOptions(options);
  if (ack) return { kind: 'ack', ids: ack.getIdsList().map(idOf) };
  if (!nack) throw invalidArgument('A consumer has to send options, an ack or a nack');
  const action = ACTIONS[nack.getAction()] ?? 'skip';
  return { kind: 'nack', ids: nack.getIdsList().map(idOf), action, reason: nack.getReason() };
};

const readOptions = (options: ReadReq.Options): ConsumerMessage => {
  const bufferSize = options.getBufferSize();
  if (bufferSize < 1) throw invalidArgument('A consumer has to take at least one message at a time');
  return {
    kind: 'options',
    stream: options.hasStreamIdentifier() ? streamNameOf(options.getStreamIdentifier()) : undefined,
    group: options.getGroupName(),
    bufferSize,
    uuids: options.getUuidOption()?.hasString() ? 'text' : 'structured',
  };
};

/** @throws RangeError if it is not a UUID */
const idOf = (id: UUID): string => {
  const halves = id.getStructured();
  if (!halves) return uuidText(uuidBytes(Buffer.from(id.getString())));
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt(halves.getMostSignificantBits()), 0);
  bytes.writeBigInt64BE(BigInt(halves.getLeastSignificantBits()), 8);
  return uuidText(bytes);
};
