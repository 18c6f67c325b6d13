import type { Message } from '#libs/protocol/message.js';
import { channelRoom } from './bot-socket.js';
import type { BotNamespace } from './bot-socket.js';
import type { NoticeCode } from './wire-events.js';

/** Sends to the live connections of a channel, or to all. Before the namespace exists nobody is connected. */
export class Broadcast {
  private namespace: BotNamespace | undefined;

  into(namespace: BotNamespace): void {
    this.namespace = namespace;
  }

  message(message: Message): void {
    this.namespace?.to(channelRoom(message.channel)).emit('message', message);
  }

  notice(code: NoticeCode, message: string): void {
    this.namespace?.emit('notice', { code, message });
  }
}
