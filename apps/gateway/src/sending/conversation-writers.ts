import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import type { Redactions } from '#libs/delivery/redactions.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { StreamWriter } from '#libs/event-store/stream-writer/stream-writer.js';
import type { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ConversationRules } from './conversation-rules.js';
import type { RulesSupport } from './conversation-rules.js';
import type { Posted } from './posted.js';
import { Targets } from './targets.js';

type Writer = StreamWriter<ConversationCommand, Posted>;

export type WritersSupport = RulesSupport &
  Readonly<{
    store: Pick<EventStore, 'readStream' | 'append'>;
    budget: WritingBudget;
    redactions: Redactions;
    membersOf: (channel: string) => readonly string[];
    /** Returns the jitter, in [0, 1), of the pauses between attempts. */
    random?: () => number;
  }>;

/** Holds one writer for each channel. It is created when the channel is first written to. */
export class ConversationWriters {
  private readonly writers = new Map<string, Writer>();
  private stopped = false;

  constructor(private readonly gateway: WritersSupport) {}

  /**
   * Returns the writer of a channel.
   *
   * @throws RequestError `server_stopping` after {@link stopWriters}
   */
  writerOf(channel: string): Writer {
    if (this.stopped)
      throw new RequestError('server_stopping', 'The server is stopping; try again in a moment', 500);
    const known = this.writers.get(channel);
    if (known) return known;
    const { store, feeds, earlier, budget, redactions, membersOf, clock, random } = this.gateway;
    const targets = new Targets(channel, feeds, earlier, redactions, membersOf);
    const rules = new ConversationRules(channel, targets, this.gateway);
    const timing = { ...(clock && { clock }), ...(random && { random }) };
    const writer = new StreamWriter(store, messagesStream(channel), rules, budget, timing);
    this.writers.set(channel, writer);
    return writer;
  }

  /** Stops accepting requests, and resolves once those already accepted are finished. */
  async stopWriters(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.writers.values()].map((writer) => writer.stopWriter()));
  }
}
