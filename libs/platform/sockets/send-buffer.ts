import { Boundary } from '../faults/boundary.js';
import type { EngineConnection, EngineTransport, OutgoingPacket } from './engine-connection.js';

/** What was handed to a connection and lies in this process, because the network has not taken it. */
export interface SendBuffer {
  /** About how many bytes. Frames that several connections share count in full for each. */
  waiting(): number;
  /** Calls once when no more than so many bytes wait, at once if that is so now; never after the connection's end. */
  whenBelow(bytes: number, call: () => void): void;
}

const TRANSPORT = new Boundary('bots.transport');

/** What a packet costs beside its content. */
const PACKET_OVERHEAD = 128;

/** About how many bytes wait for the network to take them. */
export const waitingIn = ({ writeBuffer, transport }: EngineConnection): number => {
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) bytes += PACKET_OVERHEAD + sizeOf(data);
  return bytes;
};

/**
 * The send buffer of a Socket.IO connection: packets that Engine.IO holds back while its transport is busy, and what the
 * WebSocket itself has not got rid of. Looking is cheap as long as the connection keeps up.
 */
export class SocketSendBuffer implements SendBuffer {
  private readonly connection: EngineConnection;
  private waiters: Readonly<{ bytes: number; call: () => void }>[] = [];
  private listening = false;

  constructor(socket: Readonly<{ conn: object }>) {
    this.connection = socket.conn as EngineConnection;
  }

  waiting(): number {
    return waitingIn(this.connection);
  }

  whenBelow(bytes: number, call: () => void): void {
    if (this.waiting() <= bytes) {
      call();
      return;
    }
    this.waiters.push({ bytes, call });
    if (this.listening) return;
    this.listening = true;
    this.listenTo(this.connection.transport);
    this.connection.on(
      'upgrade',
      TRANSPORT.guard((transport: EngineTransport) => this.listenTo(transport), this.close),
    );
  }

  /** A transport is ready each time it has got rid of all it was given. */
  private listenTo(transport: EngineTransport): void {
    transport.on(
      'ready',
      TRANSPORT.guard(() => {
        if (this.waiters.length > 0) this.wake(this.waiting());
      }, this.close),
    );
  }

  /** Who waits here would wait for ever. */
  private readonly close = (): void => this.connection.close();

  private wake(waiting: number): void {
    const due = this.waiters.filter(({ bytes }) => waiting <= bytes);
    this.waiters = this.waiters.filter(({ bytes }) => waiting > bytes);
    for (const { call } of due) call();
  }
}

const sizeOf = (data: OutgoingPacket['data']): number =>
  data === undefined ? 0 : typeof data === 'string' ? data.length : data.byteLength;
