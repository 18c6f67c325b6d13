import { catchUp, resumeAfter } from '#libs/delivery/catch-up.js';
import type { CatchUp, CatchUpAction, CatchUpInput, Step } from '#libs/delivery/catch-up.js';
import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { SET_ASIDE } from '#libs/delivery/place.js';
import type { Place } from '#libs/delivery/place.js';
import type { CursorKeeper } from '../cursors/cursor-keeper.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Message } from '#libs/protocol/message.js';
import { channelRoom } from '../socket/bot-socket.js';
import type { BotSocket } from '../socket/bot-socket.js';
import type { DeliveryPace } from './delivery-pace.js';
import { ReadAhead } from './read-ahead.js';
import type { SendBuffer } from '#libs/platform/sockets/send-buffer.js';
import type { LiveMember } from './slow-consumers.js';

const DELIVERY = new Boundary('bots.delivery');
const ACKNOWLEDGEMENT = new Boundary('bots.acknowledgement');

/** Bytes in its send buffer above which a live connection goes back to catching up. */
const BEHIND = 1024 * 1024;

/** Bytes in the send buffer below which the next batch of backlog, or the next answer to `history`, is sent. */
export const ROOM = 128 * 1024;

/** Milliseconds between attempts to read a backlog while the store is unreachable. */
const RETRY_MS = 500;

/** The parts of a connection that delivery uses. */
export type Outlet = Readonly<{
  socket: Pick<BotSocket, 'emit' | 'join' | 'leave'>;
  buffer: SendBuffer;
  cursors: CursorKeeper;
  /** Ends the connection after a fault of ours, because its state is no longer known. */
  fail: () => void;
}>;

/**
 * Brings one connection up to date with one channel and keeps it so. It carries out the actions of the catch-up
 * machine.
 */
export class ChannelDelivery implements LiveMember {
  private state: CatchUp | undefined;
  private stopped = false;
  private missed: number;
  private readonly ahead: ReadAhead;

  constructor(
    private readonly outlet: Outlet,
    private readonly feed: ChannelFeed,
    private readonly feeds: ChannelFeeds,
    private readonly pace: DeliveryPace,
    private readonly cursor: number,
  ) {
    this.missed = Math.max(0, feed.head - cursor);
    this.ahead = new ReadAhead(pace.held, (after, isWanted) => this.readInTurn(after, isWanted));
  }

  startDelivery(): void {
    this.carryOut(resumeAfter(this.cursor, this.feed.ring, this.pace.batch));
  }

  stopDelivery(): void {
    this.stopped = true;
    this.ahead.drop();
    this.leave();
  }

  isBehind(): boolean {
    return this.outlet.buffer.waiting() > BEHIND;
  }

  fallBack(): void {
    this.attempt(() => this.feedIn({ type: 'overflow' }));
  }

  /** Runs a call. A fault in it ends this connection and no other. */
  private attempt(call: () => unknown, boundary = DELIVERY): void {
    boundary.run(call, () => this.outlet.fail());
  }

  private feedIn(input: CatchUpInput): void {
    if (this.stopped || this.state === undefined) return;
    this.carryOut(catchUp(this.state, input, this.feed.ring, this.pace.batch));
  }

  private carryOut({ state, actions }: Step): void {
    this.state = state;
    for (const action of actions) this.carryOutAction(action);
  }

  private carryOutAction(action: CatchUpAction): void {
    const { channel } = this.feed;
    const { socket } = this.outlet;
    switch (action.type) {
      case 'ask-turn':
        this.askTurn();
        return;
      case 'read':
        this.attempt(() => this.readNext(action.after));
        return;
      case 'truncated':
        socket.emit('truncated', { channel, from: action.from, to: action.to, reason: 'retention' });
        return;
      case 'skip':
        socket.emit('skipped', { channel, from: action.from, to: action.to, reason: SET_ASIDE });
        return;
      case 'send':
        this.send(action.messages, action.more);
        return;
      case 'go-live':
        // The event is sent and the room joined in one tick, so that the next message finds this connection in the
        // room.
        socket.emit('caughtup', { channel, seq: action.seq });
        void socket.join(channelRoom(channel));
        this.pace.slow.join(channel, this);
        return;
      case 'leave':
        this.leave();
        this.missed = 0;
        socket.emit('notice', {
          code: 'slow_consumer',
          message: `Channel "${channel}" is sent as backlog again`,
        });
    }
  }

  private leave(): void {
    const { channel } = this.feed;
    void this.outlet.socket.leave(channelRoom(channel));
    this.pace.slow.leave(channel, this);
  }

  private askTurn(): void {
    this.outlet.buffer.whenBelow(ROOM, () => {
      if (!this.stopped)
        this.pace.turns.enqueueTask(this.outlet, () => this.feedIn({ type: 'turn' }), this.outlet.fail);
    });
  }

  private send(messages: readonly Message[], more: boolean): void {
    const { channel } = this.feed;
    const last = messages.at(-1)!.seq;
    this.missed ||= this.feed.head - messages[0]!.seq + 1;
    this.outlet.socket.emit('backlog', { channel, messages, more, missed: this.missed }, () => {
      this.attempt(() => {
        if (this.stopped) return;
        this.outlet.cursors.advance(channel, last);
        this.feedIn({ type: 'acknowledged' });
      }, ACKNOWLEDGEMENT);
    });
    if (more && !this.feed.ring.get(last + 1)) this.ahead.begin(last);
  }

  /** Reads from the stream, and tries again until that works. A store that is unreachable only delays the backlog. */
  private async readNext(after: number): Promise<void> {
    const ahead = await this.ahead.take(after);
    const places = ahead?.length
      ? this.feeds.concealed(ahead)
      : await this.readInTurn(after, () => !this.stopped);
    if (this.stopped) return;
    if (places) this.feedIn({ type: 'read', places });
    else
      this.pace.clock.after(RETRY_MS, () => this.attempt(() => this.carryOutAction({ type: 'read', after })));
  }

  private readInTurn(after: number, isWanted: () => boolean): Promise<readonly Place[] | undefined> {
    return new Promise((resolve) => {
      const read = async (): Promise<void> => {
        const { channel } = this.feed;
        resolve(
          isWanted()
            ? await this.feeds.readAfter(channel, after, this.pace.batch).catch(() => undefined)
            : undefined,
        );
      };
      this.pace.reads.enqueueTask(this.outlet, read, this.outlet.fail);
    });
  }
}
