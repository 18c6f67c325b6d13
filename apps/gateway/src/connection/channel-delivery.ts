import { catchUp, resumeAfter } from '#libs/delivery/catch-up.js';
import type { CatchUp, CatchUpAction, CatchUpInput, CatchUpLimits, Step } from '#libs/delivery/catch-up.js';
import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { CursorKeeper } from '#libs/delivery/cursor-keeper.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { channelRoom } from './bot-socket.js';
import type { BotSocket } from './bot-socket.js';

const BATCH: CatchUpLimits = { messages: 250, weight: 256 * 1024, window: LIMITS.backlogWindow };

/** Waits between attempts to read a backlog while the store is away. */
const RETRY_MS = 500;

/** Brings one connection level with one channel and keeps it there: carries out what the catch-up machine says. */
export class ChannelDelivery {
  private state: CatchUp | undefined;
  private stopped = false;
  private readonly missed: number;

  constructor(
    private readonly socket: BotSocket,
    private readonly feed: ChannelFeed,
    private readonly feeds: ChannelFeeds,
    private readonly cursors: CursorKeeper,
    private readonly cursor: number,
  ) {
    this.missed = Math.max(0, feed.head - cursor);
  }

  start(): void {
    this.carryOut(resumeAfter(this.cursor, this.feed.ring, BATCH));
  }

  stop(): void {
    this.stopped = true;
    void this.socket.leave(channelRoom(this.feed.channel));
  }

  private feedIn(input: CatchUpInput): void {
    if (this.stopped || this.state === undefined) return;
    this.carryOut(catchUp(this.state, input, this.feed.ring, BATCH));
  }

  private carryOut({ state, actions }: Step): void {
    this.state = state;
    for (const action of actions) this.act(action);
  }

  private act(action: CatchUpAction): void {
    const { channel } = this.feed;
    switch (action.type) {
      case 'read':
        void this.read(action.after);
        return;
      case 'truncated':
        this.socket.emit('truncated', { channel, from: action.from, to: action.to, reason: 'retention' });
        return;
      case 'send': {
        const { messages, more } = action;
        this.socket.emit('backlog', { channel, messages, more, missed: this.missed }, () => {
          this.cursors.advance(channel, messages.at(-1)!.seq);
          this.feedIn({ type: 'acknowledged' });
        });
        return;
      }
      case 'go-live':
        // Said and joined in one tick: the next message finds this connection in the room.
        this.socket.emit('caughtup', { channel, seq: action.seq });
        void this.socket.join(channelRoom(channel));
    }
  }

  /** Reads one batch from the stream, as long as it takes: a store that is away delays the backlog, no more. */
  private async read(after: number): Promise<void> {
    while (!this.stopped) {
      try {
        const messages = await this.feeds.readAfter(this.feed.channel, after, BATCH.messages);
        this.feedIn({ type: 'read', messages });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
