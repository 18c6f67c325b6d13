import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { Redactions } from '#libs/delivery/redactions.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { StreamWriter } from '#libs/event-store/stream-writer/stream-writer.js';
import type { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ConversationRules } from './conversation-rules.js';
import type { EarlierMessages } from './earlier-messages.js';
import type { Posted } from './posted.js';
import { Targets } from './targets.js';

type Writer = StreamWriter<ConversationCommand, Posted>;

/** One writer a channel, made when the channel is first written to. */
export class ConversationWriters {
  private readonly writers = new Map<string, Writer>();
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly feeds: ChannelFeeds,
    private readonly window: AcceptedWindow,
    private readonly earlier: EarlierMessages,
    private readonly budget: WritingBudget,
    private readonly instance: string,
    private readonly redactions: Redactions,
    private readonly membersOf: (channel: string) => readonly string[],
  ) {}

  /** @throws RequestError `server_stopping` after {@link stop} */
  of(channel: string): Writer {
    if (this.stopped)
      throw new RequestError('server_stopping', 'The server is stopping; try again in a moment', 500);
    const known = this.writers.get(channel);
    if (known) return known;
    const targets = new Targets(channel, this.feeds, this.earlier, this.redactions, this.membersOf);
    const rules = new ConversationRules(
      channel,
      this.store,
      this.feeds,
      this.window,
      this.earlier,
      targets,
      this.instance,
    );
    const writer = new StreamWriter(this.store, messagesStream(channel), rules, this.budget);
    this.writers.set(channel, writer);
    return writer;
  }

  /** Finishes what was taken. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.writers.values()].map((writer) => writer.stop()));
  }
}
