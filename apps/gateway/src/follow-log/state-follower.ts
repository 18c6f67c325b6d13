import { Inject, Injectable } from '@nestjs/common';
import { Redactions } from '#libs/delivery/redactions.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { isConversationEvent, isGatewayEvent } from '#libs/event-store/codec/event-types.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import type { LogListener } from '#libs/event-store/log-feed.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { GatewayWatch } from '../presence/gateway-watch.js';
import { PresenceBoard } from '../presence/presence-board.js';
import type { PresenceChange } from '../presence/presence-board.js';
import { GatewaySnapshots } from './gateway-snapshots.js';

const PREFIXES = ['presence-', 'gateways-'];
const REDACTED = 'MessageRedacted' satisfies ConversationEvent['type'];

type Listener = Readonly<{ onPresence(change: PresenceChange): void; onCaughtUp(): void }>;

/**
 * Brings presence and heartbeats from the log, starting at the last snapshot. It also brings the redactions up to the
 * point where the feed starts; later ones come with the messages.
 */
@Injectable()
export class StateFollower {
  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'subscribeToAll' | 'readAll'>,
    @Inject(GatewaySnapshots) private readonly snapshots: Pick<GatewaySnapshots, 'newest'>,
    private readonly redactions: Redactions,
    private readonly board: PresenceBoard,
    private readonly watch: GatewayWatch,
  ) {}

  /**
   * Restores the state up to the head of the log, then listens to the feed. Must be called before the feed starts.
   *
   * @throws StoreUnavailable
   */
  async follow(feed: Pick<LogFeed, 'listen'>, { onPresence, onCaughtUp }: Listener): Promise<void> {
    const after = await this.catchUp(await this.restore());
    feed.listen({
      prefixes: PREFIXES,
      after,
      onEvent: (event) => {
        const change = this.takeEvent(event);
        if (change) onPresence(change);
      },
      onCaughtUp,
    });
  }

  private async restore(): Promise<LogPosition | 'start'> {
    const snapshot = await this.snapshots.newest();
    if (!snapshot) return 'start';
    for (const redaction of snapshot.state.redactions) this.redactions.addRedaction(...redaction);
    for (const [bot, presence] of snapshot.state.presence) this.board.restore(bot, presence);
    return snapshot.position;
  }

  /**
   * Reads the relevant events up to the log's head, and returns the position that was reached. The store skips the
   * other messages. Presence is not filtered by type, because even an event of an unknown type has its place in its
   * stream.
   */
  private async catchUp(from: LogPosition | 'start'): Promise<LogPosition> {
    const [redactions, presence] = await Promise.all([
      this.readAhead({ prefixes: ['messages-'], types: [REDACTED] }, from),
      this.readAhead({ prefixes: PREFIXES }, from),
    ]);
    return comparePositions(redactions, presence) < 0 ? redactions : presence;
  }

  private async readAhead(wanted: Pick<LogListener, 'prefixes' | 'types'>, from: LogPosition | 'start') {
    const ahead = new LogFeed(this.store);
    ahead.listen({ ...wanted, onEvent: (event) => void this.takeEvent(event) });
    ahead.start(from);
    try {
      await ahead.caughtUp;
      return ahead.position;
    } finally {
      await ahead.close();
    }
  }

  private takeEvent(event: PositionedEvent): PresenceChange | undefined {
    if (event.unreadable !== undefined) return this.board.apply(event);
    if (isGatewayEvent(event)) this.watch.takeEvent(event);
    else if (isConversationEvent(event)) this.takeRedaction(event);
    else return this.takePresence(event);
    return undefined;
  }

  private takeRedaction({ type, data }: ConversationEvent): void {
    if (type === REDACTED) this.redactions.addRedaction(data.channel, data.bot, data.target);
  }

  private takePresence(event: PositionedEvent): PresenceChange | undefined {
    const { gateway } = event.data as { gateway?: string };
    if (event.type === 'BotConnected' && gateway !== undefined) this.watch.noteAlive(gateway);
    return this.board.apply(event);
  }
}
