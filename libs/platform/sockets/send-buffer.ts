import { Boundary } from '../faults/boundary.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection, EngineTransport, OutgoingPacket } from './engine-connection.js';

/** The data that was handed to a connection and is still in this process, because the network has not taken it. */
export interface SendBuffer {
  /**
   * Returns the number of waiting bytes, approximately. Frames that several connections share count in full for each.
   */
  waiting(): number;
  /**
   * Calls back once, as soon as no more than this many bytes wait, which may be at once. Never calls back after the
   * connection has ended.
   */
  whenBelow(bytes: number, call: () => void): void;
}

const TRANSPORT = new Boundary('bots.transport');

/** Bytes that a packet takes in addition to its content. */
const PACKET_OVERHEAD = 128;

/** Returns the number of bytes that wait for the network, approximately. */
export const waitingIn = ({ writeBuffer, transport }: EngineConnection): number => {
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) bytes += PACKET_OVERHEAD + sizeOf(data);
  return bytes;
};

/**
 * Tells how full the send buffer of a Socket.IO connection is: packets that Engine.IO holds back while its transport is
 * busy, and data that the WebSocket has not sent yet. The check is cheap as long as the connection keeps up.
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

  /** A transport emits `ready` each time it has sent everything it was given. */
  private listenTo(transport: EngineTransport): void {
    transport.on(
      'ready',
      TRANSPORT.guard(() => {
        if (this.waiters.length > 0) this.wake(this.waiting());
      }, this.close),
    );
  }

  /** Closes the connection, because those who wait for the buffer would wait forever. */
  private readonly close = (): void => endConnection(this.connection, false);

  private wake(waiting: number): void {
    const due = this.waiters.filter(({ bytes }) => waiting <= bytes);
    this.waiters = this.waiters.filter(({ bytes }) => waiting > bytes);
    for (const { call } of due) call();
  }
}

const sizeOf = (data: OutgoingPacket['data']): number =>
  data === undefined ? 0 : typeof data === 'string' ? data.length : data.byteLength;
