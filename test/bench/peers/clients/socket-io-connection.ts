import { WebSocket } from 'ws';

export type Opened = Readonly<{ sid: string; pid?: string }>;

export type Listeners = Readonly<{
  /** Called when the server has let the bot in. */
  opened?(opened: Opened): void;
  /** Gets the arguments of an event, and a function that acknowledges it. */
  event(name: string, args: readonly unknown[], acknowledge: () => void): void;
  /** Called when the server refuses, cannot be reached, or has gone. */
  failed(error: Error): void;
}>;

/** The namespace that all servers here use. */
const NAMESPACE = '/bots';
const [PING, PONG, OPEN] = ['2', '3', '0'] as const;
const [CONNECT, EVENT, ACK, REFUSED] = ['40', '42', '43', '44'] as const;

/**
 * Speaks Socket.IO over one WebSocket with as little work as possible, because the generator shares the cores with the
 * server that is measured. It knows text packets only.
 */
export class SocketIoConnection {
  private readonly socket: WebSocket;
  private readonly answers = new Map<number, (answer: unknown) => void>();
  private nextAnswer = 0;

  /** Opens a connection to the namespace of the bots. */
  constructor(
    url: string,
    auth: object,
    private readonly listeners: Listeners,
  ) {
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    this.socket = new WebSocket(address, { perMessageDeflate: false });
    this.socket.on('error', (error) => listeners.failed(error));
    this.socket.on('close', () => listeners.failed(new Error('The connection was closed')));
    this.socket.on('message', (data: Buffer) => {
      const packet = data.toString();
      if (packet.startsWith(EVENT)) this.takeEvent(packet);
      else if (packet.startsWith(ACK)) this.takeAnswer(packet);
      else if (packet === PING) this.socket.send(PONG);
      else if (packet.startsWith(CONNECT))
        listeners.opened?.(JSON.parse(packet.slice(packet.indexOf('{'))) as Opened);
      else if (packet.startsWith(REFUSED)) listeners.failed(new Error(`Refused: ${packet}`));
      else if (packet.startsWith(OPEN)) this.socket.send(`${CONNECT}${NAMESPACE},${JSON.stringify(auth)}`);
    });
  }

  emit(event: string, payload: unknown, answered: (answer: unknown) => void): void {
    const id = this.nextAnswer;
    this.nextAnswer += 1;
    this.answers.set(id, answered);
    this.socket.send(`${EVENT}${NAMESPACE},${id}${JSON.stringify([event, payload])}`);
  }

  /** Ends the connection as a network failure does. */
  terminate(): void {
    this.socket.terminate();
  }

  private takeEvent(packet: string): void {
    const start = packet.indexOf('[');
    const [name, ...args] = JSON.parse(packet.slice(start)) as [string, ...unknown[]];
    const id = packet.slice(EVENT.length + NAMESPACE.length + 1, start);
    this.listeners.event(name, args, () => this.socket.send(`${ACK}${NAMESPACE},${id}[]`));
  }

  private takeAnswer(packet: string): void {
    const start = packet.indexOf('[');
    const id = Number(packet.slice(ACK.length + NAMESPACE.length + 1, start));
    const answered = this.answers.get(id);
    this.answers.delete(id);
    answered?.((JSON.parse(packet.slice(start)) as unknown[])[0]);
  }
}
