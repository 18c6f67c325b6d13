import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What came in one Engine.IO message. */
export type Frame = string | Uint8Array;

/** What Engine.IO holds back while its transport is busy. */
export type OutgoingPacket = Readonly<{ data?: string | ArrayBufferView }>;

/** A packet on its way to a transport. */
export type PolledPacket = OutgoingPacket & Readonly<{ type: string }>;

/** What is used of Engine.IO's transports; some of it is not in their types. */
export type EngineTransport = EventEmitter &
  Readonly<{
    name: string;
    /** Of a WebSocket (`ws`). */
    socket?: EventEmitter & {
      _socket?: Socket;
      bufferedAmount: number;
      pause(): void;
      resume(): void;
      terminate(): void;
    };
  }> & {
    writable: boolean;
    send(packets: PolledPacket[]): void;
    /** Of polling: the poll that waits for an answer. */
    req?: (IncomingMessage & { cleanup(): void }) | null;
    res?: ServerResponse | null;
    /** Of polling: ends it, once there is a poll to be answered. */
    shouldClose?: (() => void) | null;
    readonly parser: Readonly<{ decodePacket(packet: string): EnginePacket }>;
    onPacket(packet: EnginePacket): void;
    onError(reason: string): void;
    onClose(): void;
    /** Of polling: takes a request with a payload, and what stands for the one that is being taken. */
    onDataRequest(request: IncomingMessage, response: ServerResponse): void;
    dataReq: Readonly<{ destroy(): void }> | null;
    dataRes: ServerResponse | null;
    headers(request: IncomingMessage, headers: Record<string, string>): Record<string, string>;
  };

/** A packet that came over a transport. */
export type EnginePacket = Readonly<{ type: string; data?: Frame }>;

/** What is used of Engine.IO's connections. */
export type EngineConnection = EventEmitter &
  Readonly<{
    id: string;
    readyState: string;
    /** With which it began; forgotten later. */
    request: IncomingMessage;
    transport: EngineTransport;
    remoteAddress: string;
    /** Runs while a pong is awaited. */
    pingTimeoutTimer: NodeJS.Timeout | null;
    write(packet: string): void;
    close(discard?: boolean): void;
  }> & { writeBuffer: readonly PolledPacket[] };

/** The connection under a WebSocket. */
export const tcpOf = ({ socket }: EngineTransport): Socket | undefined => socket?.['_socket'];

/** How long a peer has to take what lies before the end, and to answer the closing of its WebSocket, in milliseconds. */
const CLOSING_MS = 500;

type WebSocketServerClass = new (options: object) => object;

/**
 * The same class of servers, whose WebSockets are cut when they are being closed and the peer has not played its part in time, whoever
 * closes them: Engine.IO also closes some that are no connection of its, as one that was to take over from polling.
 */
export const closingSoon = (base: WebSocketServerClass): WebSocketServerClass =>
  class extends base {
    constructor(options: object) {
      super({ ...options, closeTimeout: CLOSING_MS });
    }
  };

/**
 * How long a client that polls has to fetch what was said to it last, in milliseconds: its next poll may be on a slow network. Nothing of what
 * it sends is taken meanwhile.
 */
const FETCHING_MS = 5_000;

/** Ends a connection whose peer may not play its part: what lies before it in the buffer is not waited for long. */
export const endConnection = (connection: EngineConnection, discard = true): void => {
  connection.close(discard);
  const mayFetch = connection.transport.name === 'polling' && connection.readyState === 'closing';
  setTimeout(() => cutNow(connection), mayFetch ? FETCHING_MS : CLOSING_MS).unref();
};

const cutNow = (connection: EngineConnection): void => {
  const { transport } = connection;
  if (transport.socket) transport.socket.terminate();
  else if (transport.shouldClose) transport.shouldClose();
  else connection.close(true);
};
