import type { Redactions } from '#libs/delivery/redactions.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { GATEWAY_EVENT_TYPES, PRESENCE_EVENT_TYPES } from '#libs/domain/presence/presence.events.js';
import { isConversationEvent, isGatewayEvent } from '#libs/event-store/codec/event-types.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { GatewayWatch } from '../presence/gateway-watch.js';
import type { PresenceBoard, PresenceChange } from '../presence/presence-board.js';
import type { GatewaySnapshots } from './gateway-snapshots.js';

const PREFIXES = ['presence-', 'gateways-'];
const REDACTED = 'MessageRedacted' satisfies ConversationEvent['type'];
const TYPES = [REDACTED, ...PRESENCE_EVENT_TYPES, ...GATEWAY_EVENT_TYPES];

type Listener = Readonly<{ onPresence(change: PresenceChange): void; onCaughtUp(): void }>;

/**
 * Brings presence and heartbeats from the log, from the last snapshot on, and the redactions up to where the feed
 * starts; later ones come with the messages.
 */
export class StateFollower {
  constructor(
    private readonly store: Pick<EventStore, 'subscribeToAll' | 'readAll'>,
    private readonly snapshots: Pick<GatewaySnapshots, 'newest'>,
    private readonly redactions: Redactions,
    private readonly board: PresenceBoard,
    private readonly watch: GatewayWatch,
  ) {}

  /** Must be called before the feed starts. @throws StoreUnavailable */
  async follow(feed: Pick<LogFeed, 'listen'>, { onPresence, onCaughtUp }: Listener): Promise<void> {
    const after = await this.catchUp(await this.restore());
    feed.listen({
      prefixes: PREFIXES,
      after,
      onEvent: (event) => {
        const change = this.take(event);
        if (change) onPresence(change);
      },
      onCaughtUp,
    });
  }

  private async restore(): Promise<LogPosition | 'start'> {
    const snapshot = await this.snapshots.newest();
    if (!snapshot) return 'start';
    for (const redaction of snapshot.state.redactions) this.redactions.add(...redaction);
    for (const [bot, presence] of snapshot.state.presence) this.board.restore(bot, presence);
    return snapshot.position;
  }

  /** To the log's head by the few event types that matter: the store passes over the messages in between. */
  private async catchUp(from: LogPosition | 'start'): Promise<LogPosition> {
    const ahead = new LogFeed(this.store);
    const prefixes = ['messages-', ...PREFIXES];
    ahead.listen({ prefixes, types: TYPES, onEvent: (event) => void this.take(event) });
    ahead.start(from);
    try {
      await ahead.caughtUp;
      return ahead.position;
    } finally {
      await ahead.close();
    }
  }

  private take(event: PositionedEvent): PresenceChange | undefined {
    if (isGatewayEvent(event)) this.watch.take(event);
    else if (isConversationEvent(event)) this.takeRedaction(event);
    else return this.takePresence(event);
    return undefined;
  }

  private takeRedaction({ type, data }: ConversationEvent): void {
    if (type === REDACTED) this.redactions.add(data.channel, data.bot, data.target);
  }

  private takePresence(event: PositionedEvent): PresenceChange | undefined {
    const { gateway } = event.data as { gateway?: string };
    if (event.type === 'BotConnected' && gateway !== undefined) this.watch.noteAlive(gateway);
    return this.board.apply(event);
  }
}
