import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io-client';

/** Bytes. Smaller chunks go out whole: heartbeats, acknowledgements, the head of a frame. */
const LARGE = 1_000;

type Connection = Readonly<{ transport: Readonly<{ ws: Readonly<{ _socket: NetSocket }> }> }>;

/**
 * Makes this connection stop in the middle of the next larger message, like that of a process that dies while sending:
 * half of a WebSocket frame is written, and nothing after it.
 */
export const choke = (socket: Socket, onHalf: () => void): void => {
  const { _socket: wire } = (socket.io.engine as unknown as Connection).transport.ws;
  const write = wire.write.bind(wire);
  let stuck = false;
  wire.write = (chunk: Uint8Array): boolean => {
    if (stuck) return true;
    if (chunk.length < LARGE) return write(chunk);
    stuck = true;
    const isTaken = write(chunk.subarray(0, chunk.length >> 1));
    // This half is corked together with the frame's head; both leave in this turn of the event loop.
    setImmediate(onHalf);
    return isTaken;
  };
};
