import protobuf from 'google-protobuf';
import { MalformedMessage, WireReader } from './wire.js';

type Reader = protobuf.BinaryReader;

/** The part of a protoc-generated class that is used here. */
type Generated<Message> = {
  new (): Message;
  deserializeBinaryFromReader(message: Message, reader: Reader): Message;
};

/**
 * Decodes a message of a generated class from any bytes.
 *
 * @throws Error for bytes that are not such a message
 * @throws MalformedMessage for a field that is longer than its message
 */
export const decodeGenerated = <Message>(type: Generated<Message>, bytes: Uint8Array): Message =>
  type.deserializeBinaryFromReader(new type(), boundedReader(bytes));

/**
 * Returns a reader that checks announced lengths first. google-protobuf trusts a length and keeps reading
 * past the end of the message until it has that many bytes. Six bytes that announce four billion would cost
 * many seconds.
 */
const boundedReader = (bytes: Uint8Array): Reader => {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new protobuf.BinaryReader(bytes);
  const readMessage = reader.readMessage.bind(reader);
  const readString = reader.readString.bind(reader);
  /** Checks that a field which begins with its length fits into the message. */
  const requireRoom = (): void => {
    const cursor = reader.getCursor();
    if (cursor + new WireReader(source, cursor).uint() > source.length)
      throw new MalformedMessage('A field is longer than its message');
  };
  return Object.assign(reader, {
    readMessage: (...args: Parameters<typeof readMessage>): void => {
      requireRoom();
      readMessage(...args);
    },
    readString: (): string => {
      requireRoom();
      return readString();
    },
  });
};
