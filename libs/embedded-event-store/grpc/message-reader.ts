import { RpcError, STATUS } from './status.js';

const HEADER = 5;

/**
 * Cuts incoming bytes into messages: one byte "compressed", four bytes of length, then the message
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). A message that arrived in one piece is a view of
 * that piece, not a copy.
 */
export class MessageReader {
  private pieces: Buffer[] = [];
  private size = 0;
  private wanted = HEADER;

  constructor(private readonly maxLength: number) {}

  /** Adds a piece and hands over each complete message. @throws RpcError for a compressed or too large message */
  readPiece(piece: Buffer, onMessage: (message: Buffer) => void): void {
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size < this.wanted) return;
    let rest = this.pieces.length === 1 ? piece : Buffer.concat(this.pieces, this.size);
    for (;;) {
      this.wanted = HEADER;
      if (rest.length < HEADER) break;
      if (rest[0] !== 0) throw new RpcError(STATUS.UNIMPLEMENTED, 'Compressed messages are not supported');
      const length = rest.readUInt32BE(1);
      if (length > this.maxLength)
        throw new RpcError(
          STATUS.RESOURCE_EXHAUSTED,
          `Received message larger than max (${length} vs ${this.maxLength})`,
        );
      this.wanted = HEADER + length;
      if (rest.length < this.wanted) break;
      onMessage(rest.subarray(HEADER, this.wanted));
      rest = rest.subarray(this.wanted);
    }
    this.pieces = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
  }
}

/** Returns the messages as they go over the wire, in one buffer. */
export const frameMessages = (messages: readonly Buffer[]): Buffer => {
  let size = 0;
  for (const message of messages) size += HEADER + message.length;
  const framed = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    framed[at] = 0;
    framed.writeUInt32BE(message.length, at + 1);
    framed.set(message, at + HEADER);
    at += HEADER + message.length;
  }
  return framed;
};
