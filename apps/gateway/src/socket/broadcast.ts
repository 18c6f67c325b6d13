import { Injectable } from '@nestjs/common';
import { SET_ASIDE, isMessage } from '#libs/delivery/place.js';
import type { Place } from '#libs/delivery/place.js';
import type { Gap } from '#libs/delivery/audience.js';
import type { Message } from '#libs/protocol/message.js';
import { channelRoom } from './bot-socket.js';
import type { BotNamespace, BotSocket } from './bot-socket.js';
import { LiveFrames } from './live-frames.js';
import { SocketSendBuffer } from '#libs/platform/sockets/send-buffer.js';
import type { NoticeCode, PresenceSaid, Signalled } from './wire-events.js';

/** Bytes in its send buffer above which a connection gets no signals, because its messages matter more. */
const MAX_WAITING = 16 * 1024;

/**
 * Sends to the live connections of a channel, or to all connections. Until the namespace exists, no bot is connected
 * and nothing is sent.
 */
@Injectable()
export class Broadcast {
  private namespace: BotNamespace | undefined;
  private frames: LiveFrames | undefined;

  into(namespace: BotNamespace): void {
    this.namespace = namespace;
    this.frames = new LiveFrames(namespace);
  }

  /**
   * Sends a message to the connections that are live in its channel now. It is written at the end of this turn of the
   * event loop, or earlier if something else is sent to them.
   */
  sendMessage(message: Message): void {
    this.frames?.hold(channelRoom(message.channel), 'message', message);
  }

  /** Answers a request of a connection. It is written at the end of this turn, after the messages before it. */
  sendAnswer(socket: BotSocket, id: number, answer: object): void {
    this.frames?.holdAnswer(socket, id, answer);
  }

  /** Sends a message, or announces that its seq will not be delivered. */
  sendPlace(place: Place): void {
    if (isMessage(place)) return this.sendMessage(place);
    const { channel, seq } = place;
    const span = { channel, from: seq, to: seq, reason: SET_ASIDE };
    this.frames?.hold(channelRoom(channel), 'skipped', span);
  }

  /**
   * Tells the connections that are live in the channel that the next message does not directly follow the last one they
   * have.
   */
  sendGap(gap: Gap): void {
    this.namespace?.to(channelRoom(gap.channel)).emit('truncated', { ...gap, reason: 'retention' });
  }

  /** Returns how many connections are live in a channel at this gateway. */
  liveIn(channel: string): number {
    return this.namespace?.adapter.rooms.get(channelRoom(channel))?.size ?? 0;
  }

  /** Announces to the live connections of a channel who came or went, except to some connections. */
  sendPresence(said: PresenceSaid, except: readonly string[]): void {
    this.namespace
      ?.to(channelRoom(said.channel))
      .except([...except])
      .emit('presence', said);
  }

  /**
   * Sends a signal to the live connections that keep up, except the one that it came from. It is not kept for the
   * others.
   */
  sendSignal(signal: Signalled, from: string): void {
    const room = channelRoom(signal.channel);
    this.namespace
      ?.to(room)
      .except([from, ...this.behind(room)])
      .emit('signal', signal);
  }

  /** Returns the ids of the connections in a room that do not keep up. */
  private behind(room: string): string[] {
    const { adapter, sockets } = this.namespace!;
    return [...(adapter.rooms.get(room) ?? [])].filter((id) => {
      const socket = sockets.get(id);
      return socket !== undefined && new SocketSendBuffer(socket).waiting() > MAX_WAITING;
    });
  }

  sendNotice(code: NoticeCode, message: string): void {
    this.namespace?.emit('notice', { code, message });
  }
}
