import { v7 as uuidv7 } from 'uuid';
import type { BotClient, ClientOptions, Post } from './bot-client.js';
import type { SocketIoConnection } from './socket-io-connection.js';

type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;

/** A bot that speaks Socket.IO. How it connects and comes back is up to each kind. */
export abstract class SocketIoBot implements BotClient {
  protected connection: SocketIoConnection | undefined;

  constructor(protected readonly options: ClientOptions) {}

  abstract connect(): Promise<void>;

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
