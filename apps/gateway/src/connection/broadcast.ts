import type { Message } from '#libs/protocol/message.js';
import { channelRoom } from './bot-socket.js';
import type { BotNamespace } from './bot-socket.js';
import type { NoticeCode, PresenceSaid } from './wire-events.js';

/** Sends to the live connections of a channel, or to all. Before the namespace exists nobody is connected. */
export class Broadcast {
  private namespace: BotNamespace | undefined;

  into(namespace: BotNamespace): void {
    this.namespace = namespace;
  }

  message(message: Message): void {
    this.namespace?.to(channelRoom(message.channel)).emit('message', message);
  }

  /** How many connections are live in a channel here. */
  liveIn(channel: string): number {
    return this.namespace?.adapter.rooms.get(channelRoom(channel))?.size ?? 0;
  }

  presence(said: PresenceSaid, except: readonly string[]): void {
    this.namespace
      ?.to(channelRoom(said.channel))
      .except([...except])
      .emit('presence', said);
  }

  notice(code: NoticeCode, message: string): void {
    this.namespace?.emit('notice', { code, message });
  }
}
