import { Injectable } from '@nestjs/common';
import { SET_ASIDE, isMessage } from '#libs/delivery/place.js';
import type { Place } from '#libs/delivery/place.js';
import type { Gap } from '#libs/delivery/channel-feeds.js';
import type { Message } from '#libs/protocol/message.js';
import { channelRoom } from './bot-socket.js';
import type { BotNamespace } from './bot-socket.js';
import { LiveFrames } from './live-frames.js';
import { SocketSendBuffer } from '#libs/platform/sockets/send-buffer.js';
import type { NoticeCode, PresenceSaid, Signalled } from './wire-events.js';

/** A connection with more bytes waiting than this has better things to receive than signals. */
const MAX_WAITING = 16 * 1024;

/** Sends to the live connections of a channel, or to all. Before the namespace exists nobody is connected. */
@Injectable()
export class Broadcast {
  private namespace: BotNamespace | undefined;
  private frames: LiveFrames | undefined;

  into(namespace: BotNamespace): void {
    this.namespace = namespace;
    this.frames = new LiveFrames(namespace);
  }

  /** To who is live in its channel now; it is written at the end of this turn of the event loop, or before what else is sent to them. */
  message(message: Message): void {
    this.frames?.hold(channelRoom(message.channel), 'message', message);
  }

  /** A message, or word that a seq does not come. */
  place(place: Place): void {
    if (isMessage(place)) return this.message(place);
    const { channel, seq } = place;
    const span = { channel, from: seq, to: seq, reason: SET_ASIDE };
    this.frames?.hold(channelRoom(channel), 'skipped', span);
  }

  /** To who is live in the channel: what comes next there does not follow what it has. */
  gap(gap: Gap): void {
    this.namespace?.to(channelRoom(gap.channel)).emit('truncated', { ...gap, reason: 'retention' });
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

  /** To those who keep up, less the connection it came from. It is not kept for anybody. */
  signal(signal: Signalled, from: string): void {
    const room = channelRoom(signal.channel);
    this.namespace
      ?.to(room)
      .except([from, ...this.behind(room)])
      .emit('signal', signal);
  }

  /** Ids of the connections in a room that do not keep up. */
  private behind(room: string): string[] {
    const { adapter, sockets } = this.namespace!;
    return [...(adapter.rooms.get(room) ?? [])].filter((id) => {
      const socket = sockets.get(id);
      return socket !== undefined && new SocketSendBuffer(socket).waiting() > MAX_WAITING;
    });
  }

  notice(code: NoticeCode, message: string): void {
    this.namespace?.emit('notice', { code, message });
  }
}
