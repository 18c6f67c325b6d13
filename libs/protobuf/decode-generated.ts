import protobuf from 'google-protobuf';
import { MalformedMessage, WireReader } from './wire.js';

type Reader = protobuf.BinaryReader;

/** What is used of a class made by protoc. */
type Generated<Message> = {
  new (): Message;
  deserializeBinaryFromReader(message: Message, reader: Reader): Message;
};

/**
 * Decodes a message of a generated class, whatever the bytes are.
 * @throws Error for bytes that are no such message, MalformedMessage for a field that is longer than all there is
 */
export const decodeGenerated = <Message>(type: Generated<Message>, bytes: Uint8Array): Message =>
  type.deserializeBinaryFromReader(new type(), boundedReader(bytes));

/**
 * google-protobuf takes a length at its word, and reads on behind the end of the message until it has had so many bytes:
 * of six bytes that announce four billion it makes many seconds of work.
 */
const boundedReader = (bytes: Uint8Array): Reader => {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new protobuf.BinaryReader(bytes);
  const readMessage = reader.readMessage.bind(reader);
  const readString = reader.readString.bind(reader);
  /** For a field that begins with its length. */
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
