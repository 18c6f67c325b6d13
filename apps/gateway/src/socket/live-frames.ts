import { PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { cutConnection } from '#libs/platform/sockets/newest-socket.js';
import type { BotNamespace, BotSocket } from './bot-socket.js';
import { textFrame, textStart } from './text-frame.js';
import type { ToBot } from './wire-events.js';

const BROADCAST = new Boundary('bots.broadcast');

/**
 * The part of Engine.IO's connection that is used here. A frame that is already encoded is sent as it is, as in
 * Socket.IO's own broadcasts.
 */
type EngineConnection = Readonly<{
  transport: Readonly<{ name: string; perMessageDeflate?: unknown }>;
  on(event: 'packetCreate', listener: () => void): void;
  off(event: 'packetCreate', listener: () => void): void;
  close(): void;
  write(data: Buffer, options: { wsPreEncodedFrame: readonly Buffer[] }): void;
}>;

/** Engine.IO's packet type `message` and Socket.IO's packet type `EVENT`, as their protocols number them. */
const MESSAGE_EVENT = '42';
/** The same for Socket.IO's packet type `ACK`. */
const MESSAGE_ACK = '43';
/** How many frames are held, over all connections, before they are written even within a turn. */
const MOST_HELD = 4_096;
/** Bytes of a frame that is written at once, so that the send buffer counts it. */
const LARGE = 8_192;

/**
 * Holds broadcasts and answers until the end of a turn of the event loop, and then writes all those of a connection at once. Under
 * load a turn brings many, and each write is a system call that costs more than everything else about a delivery. A
 * microtask would be too early, because the log hands over each event of a turn in a tick of its own. The receivers of
 * a broadcast are fixed when it is held, and a connection gets the broadcasts that are held for it before anything else
 * that is sent to it.
 */
export class LiveFrames {
  /** The connections for which something is held. */
  #waiting: BotSocket[] = [];
  #count = 0;

  constructor(private readonly namespace: Pick<BotNamespace, 'name' | 'sockets' | 'adapter'>) {}

  /**
   * Holds an event for the connections in a room, after those that are already held for them. It is written at the end
   * of this turn at the latest.
   */
  hold<Event extends keyof ToBot>(room: string, event: Event, ...args: Parameters<ToBot[Event]>): void {
    const ids = this.namespace.adapter.rooms.get(room);
    if (!ids || ids.size === 0) return;
    const frame = textFrame(`${MESSAGE_EVENT}${this.namespace.name},${JSON.stringify([event, ...args])}`);
    for (const id of ids) {
      const socket = this.namespace.sockets.get(id);
      if (!socket) continue;
      try {
        BROADCAST.enter();
        if (takesFrames(connectionOf(socket))) this.#holdFor(socket, frame);
        else socket.emit(event, ...args);
      } catch (error) {
        missed(socket, error);
      }
    }
    if (this.#count >= MOST_HELD) this.flush();
  }

  /**
   * Holds the answer to a request, after what is already held for the connection.
   *
   * @param id of the request, as the client numbered it
   */
  holdAnswer(socket: BotSocket, id: number, answer: object): void {
    if (!socket.connected || !takesFrames(connectionOf(socket))) return acknowledge(socket, id, answer);
    const frame = textFrame(`${MESSAGE_ACK}${this.namespace.name},${id}${JSON.stringify([answer])}`);
    this.#holdFor(socket, frame);
    if (frame.length > LARGE) this.#write(socket);
  }

  /** Writes everything that is held, for all connections. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#count = 0;
    for (const socket of waiting) {
      try {
        BROADCAST.enter();
        this.#write(socket);
      } catch (error) {
        missed(socket, error);
      }
    }
  }

  #write(socket: BotSocket): void {
    const { held } = socket.data;
    if (!held || held.length === 0) return;
    const bytes = joined(held);
    held.length = 0;
    writeFrames(connectionOf(socket), bytes);
  }

  #holdFor(socket: BotSocket, frame: Buffer): void {
    this.#count += 1;
    if (this.#waiting.length === 0) setImmediate(BROADCAST.guard(() => this.flush()));
    const held = (socket.data.held ??= this.#listFor(socket));
    if (held.length === 0) this.#waiting.push(socket);
    held.push(frame);
  }

  /**
   * Creates the list of frames held for a socket. Engine.IO announces each packet before it queues it, and the held
   * frames are written at that moment, so that they go first. A connection outlives its sockets, so the broadcasts held
   * for a socket that is gone must not reach the next one. Answers must: what was asked is answered once.
   */
  #listFor(socket: BotSocket): Buffer[] {
    const held: Buffer[] = [];
    const connection = connectionOf(socket);
    const cut = (): void => cutConnection(socket);
    const writeFirst = BROADCAST.guard(() => this.#write(socket), cut);
    const forget = (): void => {
      connection.off('packetCreate', writeFirst);
      const answers = held.filter(isAnswer);
      held.length = 0;
      if (answers.length > 0) writeFrames(connection, joined(answers));
    };
    connection.on('packetCreate', writeFirst);
    socket.data.writeHeld = writeFirst;
    socket.once('disconnect', BROADCAST.guard(forget, cut));
    return held;
  }
}

const joined = (frames: readonly Buffer[]): Buffer =>
  frames.length === 1 ? frames[0]! : Buffer.concat(frames);

const writeFrames = (connection: EngineConnection, bytes: Buffer): void =>
  connection.write(bytes, { wsPreEncodedFrame: [bytes] });

const isAnswer = (frame: Buffer): boolean => {
  const start = textStart(frame);
  return frame.toString('latin1', start, start + MESSAGE_ACK.length) === MESSAGE_ACK;
};

/** Answers a request by Socket.IO's own means. */
const acknowledge = (socket: BotSocket, id: number, answer: object): void =>
  (socket as unknown as Acknowledging).packet({ type: PacketType.ACK, id, data: [answer] });

/** The method by which Socket.IO's acknowledgements are sent. It is missing from its types. */
type Acknowledging = Readonly<{ packet(packet: Omit<Packet, 'nsp'>): void }>;

/** Closes the connection of a socket that missed a message. The bot reconnects and gets that message first. */
const missed = (socket: BotSocket, error: unknown): void =>
  BROADCAST.caught(error, () => cutConnection(socket));

const connectionOf = (socket: Pick<BotSocket, 'conn'>): EngineConnection =>
  socket.conn as unknown as EngineConnection;

/**
 * Returns whether a connection can be sent frames that are already encoded. A WebSocket never changes to another
 * transport. Long polling and compression have their own encoding.
 */
const takesFrames = ({ transport }: EngineConnection): boolean =>
  transport.name === 'websocket' && !transport.perMessageDeflate;
