import type { BotSocket } from '#apps/gateway/src/socket/bot-socket.js';
import type { SendBuffer } from '#libs/platform/sockets/send-buffer.js';
import type { Clock } from '#libs/time/clock.js';
import type { Random } from '#tools/harness/random.js';

export type Frame = Readonly<{ event: string; payload: unknown; acknowledge?: () => void }>;

/** Calls that reach the client's end of a connection. */
export type ClientEnd = Readonly<{
  receive(frame: Frame): void;
  closed(): void;
}>;

/** Calls that reach the server's end of a connection. */
export type ServerEnd = Readonly<{
  request(name: string, payload: unknown, reply: (answer: unknown) => void): void;
  closed(): void;
}>;

export type Rooms = Readonly<{
  join(room: string, socket: SimulatedConnection): void;
  leave(room: string, socket: SimulatedConnection): void;
}>;

/** Changes the frames that a client is given. Without a planted fault, it changes nothing. */
export type Meddle = (frame: Frame) => readonly Frame[];

/** How many bytes a frame counts in the send buffer. Large, so that a few unread frames make a slow consumer. */
const FRAME_BYTES = 150 * 1024;

/**
 * Behaves like a Socket.IO connection, without Socket.IO. Frames keep their order in each direction and take their
 * time. A cut loses what is under way, and the two ends learn of it at different moments. A client that does not read
 * leaves its frames in the server's send buffer.
 */
export class SimulatedConnection implements SendBuffer {
  client: ClientEnd | undefined;
  server: ServerEnd | undefined;
  /** A planted fault: of two requests under way, the later one arrives first. */
  requestsOvertake = false;
  readonly id: string;
  private readonly toClient: Frame[] = [];
  private readonly toServer: (() => void)[] = [];
  private carrying = { toClient: false, toServer: false };
  private paused = false;
  private isCut = false;
  private serverKnows = false;
  private clientKnows = false;
  private waiters: { bytes: number; call: () => void }[] = [];

  constructor(
    id: number,
    private readonly world: Clock,
    /** The server's process. Once it is dead, nothing more happens there. */
    private readonly process: Clock,
    private readonly random: Random,
    private readonly rooms: Rooms,
    private readonly meddle: Meddle = (frame) => [frame],
  ) {
    this.id = `connection-${id}`;
  }

  get isOpenAtServer(): boolean {
    return !this.serverKnows;
  }

  /** The part of a Socket.IO server socket that sessions use. */
  get socket(): BotSocket {
    const socket = {
      id: this.id,
      conn: { close: () => this.closeByServer() },
      emit: (event: string, payload: unknown, acknowledge?: () => void) =>
        this.send({ event, payload, ...(acknowledge && { acknowledge }) }),
      join: (room: string) => this.rooms.join(room, this),
      leave: (room: string) => this.rooms.leave(room, this),
      disconnect: () => this.closeByServer(),
    };
    return socket as unknown as BotSocket;
  }

  waiting(): number {
    return this.toClient.length * FRAME_BYTES;
  }

  whenBelow(bytes: number, call: () => void): void {
    if (this.waiting() <= bytes) call();
    else this.waiters.push({ bytes, call });
  }

  /** Sends a frame from the server to the client. */
  send(frame: Frame): void {
    if (this.serverKnows) return;
    this.toClient.push(frame);
    this.carryToClient();
  }

  /** Sends a request from the client to the server. */
  request(name: string, payload: unknown, replied: (answer: unknown) => void): void {
    this.fromClient(() => {
      this.server?.request(name, payload, (answer) =>
        this.send({ event: 'reply', payload: answer, acknowledge: () => replied(answer) }),
      );
    });
  }

  /** Sends an acknowledgement of a server's frame from the client to the server. */
  answer(acknowledge: () => void): void {
    this.fromClient(acknowledge);
  }

  /** Makes the client stop reading, or read again. */
  pause(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.carryToClient();
  }

  /** Makes the network fail. The server may believe for a long time that the client is still there. */
  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    this.world.after(this.random.between(0, 50), () => this.tellClient());
    const silence = this.random.chance(0.5) ? this.random.between(0, 50) : this.random.between(50, 20_000);
    this.process.after(silence, () => this.tellServer());
  }

  /** Tells the connection that the server's process is gone. */
  serverDied(): void {
    this.cut();
  }

  private closeByServer(): void {
    if (this.isCut) return;
    // A client that reads still receives what was sent before.
    this.process.soon(() => this.tellServer());
    this.toClient.push({ event: 'closed', payload: undefined });
    this.carryToClient();
  }

  private tellClient(): void {
    this.isCut = true;
    if (this.clientKnows) return;
    this.clientKnows = true;
    this.client?.closed();
  }

  private tellServer(): void {
    if (this.serverKnows) return;
    this.serverKnows = true;
    this.server?.closed();
  }

  private carryToClient(): void {
    if (this.carrying.toClient || this.paused || this.isCut || this.toClient.length === 0) return;
    this.carrying.toClient = true;
    this.world.after(this.latency(), () => {
      this.carrying.toClient = false;
      if (this.isCut || this.paused) return;
      for (let count = Math.ceil(this.random.between(0, 4)); count > 0; count -= 1) this.deliver();
      this.wake();
      this.carryToClient();
    });
  }

  private deliver(): void {
    const frame = this.toClient.shift();
    if (frame === undefined) return;
    if (frame.event === 'closed') this.tellClient();
    else if (frame.event === 'reply') frame.acknowledge!();
    else if (this.client) for (const altered of this.meddle(frame)) this.client.receive(altered);
  }

  private wake(): void {
    const waiting = this.waiting();
    const due = this.waiters.filter(({ bytes }) => waiting <= bytes);
    this.waiters = this.waiters.filter(({ bytes }) => waiting > bytes);
    for (const { call } of due) this.process.soon(call);
  }

  private fromClient(arrive: () => void): void {
    if (this.isCut) return;
    this.toServer.push(arrive);
    this.carryToServer();
  }

  private carryToServer(): void {
    if (this.carrying.toServer || this.isCut || this.toServer.length === 0) return;
    this.carrying.toServer = true;
    this.world.after(this.latency(), () => {
      this.carrying.toServer = false;
      if (this.isCut) return;
      const arrived = (this.requestsOvertake && this.toServer.splice(1, 1)[0]) || this.toServer.shift()!;
      this.process.soon(() => {
        if (!this.serverKnows) arrived();
      });
      this.carryToServer();
    });
  }

  private latency(): number {
    return this.random.chance(0.02) ? this.random.between(10, 400) : this.random.between(0, 4);
  }
}
