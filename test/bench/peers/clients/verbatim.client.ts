import { v7 as uuidv7 } from 'uuid';
import type { BotClient, ClientOptions, Post, Stamp } from './bot-client.js';
import { SocketIoConnection } from './socket-io-connection.js';

type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;
type Message = Readonly<{ seq: number; data: Stamp }>;
type Ready = Readonly<{ channels: readonly { channel: string; cursor: number }[] }>;

/** A bot of Verbatim. It says itself from which seq it wants to go on. */
export class VerbatimClient implements BotClient {
  private connection: SocketIoConnection | undefined;
  private seen: number | undefined;

  constructor(private readonly options: ClientOptions) {}

  async connect(): Promise<void> {
    const { url, auth, channel } = this.options;
    const resume = this.seen === undefined ? 'now' : { [channel]: this.seen };
    await new Promise<void>((ready, failed) => {
      const event = (name: string, args: readonly unknown[], acknowledge: () => void): void => {
        if (name === 'message') this.take(args[0] as Message);
        else if (name === 'backlog') {
          for (const message of (args[0] as { messages: Message[] }).messages) this.take(message);
          acknowledge();
        } else if (name === 'ready') {
          this.seen ??= (args[0] as Ready).channels.find((one) => one.channel === channel)?.cursor;
          ready();
        }
      };
      this.connection = new SocketIoConnection(url, { ...auth, resume }, { event, failed });
    });
  }

  post({ body, data }: Post, settled: (error?: string) => void): void {
    const { channel } = this.options;
    this.connection!.emit('post', { id: uuidv7(), channel, body, data }, (answer) => {
      const { ok, error } = answer as Reply;
      settled(ok ? undefined : (error?.code ?? 'unknown'));
    });
  }

  cut(): void {
    this.connection?.terminate();
  }

  comeBack(): Promise<void> {
    return this.connect();
  }

  close(): void {
    this.cut();
  }

  private take({ seq, data }: Message): void {
    this.seen = seq;
    this.options.receive(data);
  }
}
