import { v7 as uuidv7 } from 'uuid';
import type { BotClient, ClientOptions, Post, Stamp } from './bot-client.js';
import { SocketIoConnection, type Opened } from './socket-io-connection.js';

type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;

/** A bot of Socket.IO itself. It comes back by connection state recovery, if the server has that. */
export class SocketIoClient implements BotClient {
  private connection: SocketIoConnection | undefined;
  /** Names the session that the server keeps for a while after a cut. */
  private session: string | undefined;
  /** The server's mark on the last packet received, from which recovery goes on. */
  private offset: string | undefined;

  constructor(private readonly options: ClientOptions) {}

  async connect(): Promise<void> {
    const { url, auth, channel, receive } = this.options;
    const recovery = this.session === undefined ? {} : { pid: this.session, offset: this.offset };
    await new Promise<void>((ready, failed) => {
      const event = (name: string, args: readonly unknown[]): void => {
        const mark = args.at(-1);
        if (this.session !== undefined && typeof mark === 'string') this.offset = mark;
        if (name === 'message') receive((args[0] as { data: Stamp }).data);
        else if (name === 'ready') ready();
      };
      const opened = ({ pid }: Opened): void => void (this.session = pid);
      this.connection = new SocketIoConnection(
        url,
        { ...auth, channel, ...recovery },
        { opened, event, failed },
      );
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
}
