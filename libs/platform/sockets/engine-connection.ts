import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

/** The content of one incoming Engine.IO message. */
export type Frame = string | Uint8Array;

/** A packet that Engine.IO holds back while its transport is busy. */
export type OutgoingPacket = Readonly<{ data?: string | ArrayBufferView }>;

/** A packet on its way to a transport. */
type PolledPacket = OutgoingPacket & Readonly<{ type: string }>;

/** The parts of Engine.IO's transports that are used here. Some of them are missing from its own types. */
export type EngineTransport = EventEmitter &
  Readonly<{
    name: string;
    /** Only for the WebSocket transport: the socket of `ws`. */
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
    /** Only for polling: the poll that waits for an answer. */
    req?: (IncomingMessage & { cleanup(): void }) | null;
    res?: ServerResponse | null;
    /** Only for polling: ends the transport. It is set while the end waits for a poll that can carry it. */
    shouldClose?: (() => void) | null;
    readonly parser: Readonly<{ decodePacket(packet: string): EnginePacket }>;
    onPacket(packet: EnginePacket): void;
    onError(reason: string): void;
    onClose(): void;
    /** Only for polling: takes a request with a payload; then the request that is being read, and its response. */
    onDataRequest(request: IncomingMessage, response: ServerResponse): void;
    dataReq: Readonly<{ destroy(): void }> | null;
    dataRes: ServerResponse | null;
    headers(request: IncomingMessage, headers: Record<string, string>): Record<string, string>;
  };

/** An incoming packet of a transport. */
export type EnginePacket = Readonly<{ type: string; data?: Frame }>;

/** The parts of Engine.IO's connections that are used here. */
export type EngineConnection = EventEmitter &
  Readonly<{
    id: string;
    readyState: string;
    /** The request that the connection began with. It is let go of later. */
    request: IncomingMessage;
    transport: EngineTransport;
    remoteAddress: string;
    /** The timer that runs while a pong is awaited. */
    pingTimeoutTimer: NodeJS.Timeout | null;
    write(packet: string): void;
    close(discard?: boolean): void;
  }> & { writeBuffer: readonly PolledPacket[] };

/** Returns the TCP socket under a WebSocket. */
export const tcpOf = ({ socket }: EngineTransport): Socket | undefined => socket?.['_socket'];

/** Milliseconds that a peer has to take the data before the end, and to answer the closing of its WebSocket. */
const CLOSING_MS = 500;

type WebSocketServerClass = new (options: object) => object;

/**
 * Returns a class of WebSocket servers whose sockets are cut if the peer does not answer the closing handshake in time,
 * whoever closes them. Engine.IO also closes sockets that never became one of its connections, such as one that was to
 * take over from polling.
 */
export const closingSoon = (base: WebSocketServerClass): WebSocketServerClass =>
  class extends base {
    constructor(options: object) {
      super({ ...options, closeTimeout: CLOSING_MS });
    }
  };

/**
 * Milliseconds that a polling client has to fetch the last packets. Its next poll may be on a slow network. Nothing
 * that it sends meanwhile is accepted.
 */
const FETCHING_MS = 5_000;

/**
 * Ends a connection even if its peer does not cooperate: waits only a short time for the peer to take what is still in
 * the buffer.
 * @param closingMs milliseconds that a peer on a WebSocket has for it
 */
export const endConnection = (connection: EngineConnection, discard = true, closingMs = CLOSING_MS): void => {
  connection.close(discard);
  const mayFetch = connection.transport.name === 'polling' && connection.readyState === 'closing';
  SYSTEM_CLOCK.after(mayFetch ? FETCHING_MS : closingMs, () => cutNow(connection), { unref: true });
};

const cutNow = (connection: EngineConnection): void => {
  const { transport } = connection;
  if (transport.socket) transport.socket.terminate();
  else if (transport.shouldClose) transport.shouldClose();
  else connection.close(true);
};
