import type { Stamp } from './bot-client.js';
import { SocketIoBot } from './socket-io-bot.js';
import { SocketIoConnection } from './socket-io-connection.js';

type Message = Readonly<{ seq: number; data: Stamp }>;
type Ready = Readonly<{ channels: readonly { channel: string; cursor: number }[] }>;

/** A bot of Verbatim. It says itself from which seq it wants to go on. */
export class VerbatimClient extends SocketIoBot {
  private seen: number | undefined;

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

  private take({ seq, data }: Message): void {
    this.seen = seq;
    this.options.receive(data);
  }
}
