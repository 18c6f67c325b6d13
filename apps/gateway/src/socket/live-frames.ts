import { Boundary } from '#libs/platform/faults/boundary.js';
import type { BotNamespace, BotSocket } from './bot-socket.js';
import { textFrame } from './text-frame.js';
import type { ToBot } from './wire-events.js';

const BROADCAST = new Boundary('bots.broadcast');

/** What is used of Engine.IO's connection: a frame that is encoded already goes out as it is, as with Socket.IO's own broadcasts. */
type EngineConnection = Readonly<{
  transport: Readonly<{ name: string; perMessageDeflate?: unknown }>;
  on(event: 'packetCreate', listener: () => void): void;
  off(event: 'packetCreate', listener: () => void): void;
  close(): void;
  write(data: Buffer, options: { wsPreEncodedFrame: readonly Buffer[] }): void;
}>;

/** Engine.IO's `message` and Socket.IO's `EVENT`, as their protocols number them. */
const MESSAGE_EVENT = '42';
const MOST_HELD = 4_096;

/**
 * Broadcasts that are written at the end of a turn of the event loop, a connection's all at once. Under load a turn brings
 * many, and each write is a call of the system that costs more than all else about a delivery. A microtask would be too
 * early: the log hands over each event of a turn in a tick of its own. Who gets a broadcast is settled when it is held, and
 * a connection gets what is held for it before anything else that is sent to it.
 */
export class LiveFrames {
  /** Who is to be written to. */
  #waiting: BotSocket[] = [];
  #count = 0;

  constructor(private readonly namespace: Pick<BotNamespace, 'name' | 'sockets' | 'adapter'>) {}

  /** In order with what is held already; it is written at the end of this turn at the latest. */
  hold<Event extends keyof ToBot>(room: string, event: Event, ...args: Parameters<ToBot[Event]>): void {
    const ids = this.namespace.adapter.rooms.get(room);
    if (!ids || ids.size === 0) return;
    const frame = textFrame(`${MESSAGE_EVENT}${this.namespace.name},${JSON.stringify([event, ...args])}`);
    if (this.#waiting.length === 0) setImmediate(BROADCAST.guard(() => this.flush()));
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

  /** Writes what is held for anybody. */
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
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
    held.length = 0;
    connectionOf(socket).write(bytes, { wsPreEncodedFrame: [bytes] });
  }

  #holdFor(socket: BotSocket, frame: Buffer): void {
    this.#count += 1;
    const held = (socket.data.held ??= this.#listFor(socket));
    if (held.length === 0) this.#waiting.push(socket);
    held.push(frame);
  }

  /**
   * Engine.IO names each packet before it puts it behind those that wait. A connection outlives its sockets: what is held
   * for one that is gone must not come to the next.
   */
  #listFor(socket: BotSocket): Buffer[] {
    const held: Buffer[] = [];
    const connection = connectionOf(socket);
    const cut = (): void => connection.close();
    const writeFirst = BROADCAST.guard(() => this.#write(socket), cut);
    const forget = (): void => {
      held.length = 0;
      connection.off('packetCreate', writeFirst);
    };
    connection.on('packetCreate', writeFirst);
    socket.once('disconnect', BROADCAST.guard(forget, cut));
    return held;
  }
}

/** It did not get a message: it comes back, and gets that first. */
const missed = (socket: BotSocket, error: unknown): void =>
  BROADCAST.caught(error, () => connectionOf(socket).close());

const connectionOf = (socket: Pick<BotSocket, 'conn'>): EngineConnection =>
  socket.conn as unknown as EngineConnection;

/** A WebSocket stays one; long polling has an encoding of its own, and so has what is compressed. */
const takesFrames = ({ transport }: EngineConnection): boolean =>
  transport.name === 'websocket' && !transport.perMessageDeflate;
