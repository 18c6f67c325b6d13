import type { Stamp } from './bot-client.js';
import { SocketIoBot } from './socket-io-bot.js';
import { SocketIoConnection, type Opened } from './socket-io-connection.js';

/** A bot of Socket.IO itself. It comes back by connection state recovery, if the server has that. */
export class SocketIoClient extends SocketIoBot {
  /** Names the session that the server keeps for a while after a cut. */
  private session: string | undefined;
  /** The server's mark on the last packet received, from which recovery goes on. */
  private offset: string | undefined;

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
}
