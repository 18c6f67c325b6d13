import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io-client';

/** What is smaller goes out whole: heartbeats, acknowledgements, the head of a frame. */
const LARGE = 1_000;

type Connection = Readonly<{ transport: Readonly<{ ws: Readonly<{ _socket: NetSocket }> }> }>;

/**
 * From now on this connection stops in the middle of the first larger message, as of a process that dies while it
 * sends: half of a WebSocket frame is written, and nothing more after it.
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
    // The halves are corked together with the frame's head: they leave in this turn of the loop.
    setImmediate(onHalf);
    return isTaken;
  };
};
