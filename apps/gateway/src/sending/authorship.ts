import type { ConversationCommand, Gone } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import { conversationEventOf } from '#libs/delivery/message-encoding.js';
import type { EventStore } from '#libs/event-store/event-store.js';

/**
 * Tells the messages that this process wrote from those that another gateway wrote under the same ids. When two
 * gateways append the same ids at the same revision, the store tells both that they succeeded, but it holds only the
 * content of the first.
 */
export class Authorship {
  constructor(
    private readonly channel: string,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly window: AcceptedWindow,
    private readonly instance: string,
    /** Resolves once the log has brought the message of the channel with this seq. */
    private readonly untilInLog: (seq: number) => Promise<void>,
  ) {}

  /**
   * Returns the events in the places of these commands that this process did not write, by seq. It reads the stream
   * only if the log has not yet shown that all of them are ours. Messages that retention has already hidden from a read
   * still come through the log.
   *
   * @throws StoreUnavailable
   */
  async othersAt(
    commands: readonly ConversationCommand[],
    firstSeq: number,
  ): Promise<ReadonlyMap<number, ConversationEvent | Gone>> {
    const others = new Map<number, ConversationEvent | Gone>();
    if (commands.every((command, index) => this.isSeenAsOurs(command, firstSeq + index))) return others;
    const range = { from: firstSeq, limit: commands.length };
    const hidden = new Map(commands.map((command, index) => [firstSeq + index, command]));
    for await (const event of this.store.readStream(messagesStream(this.channel), range)) {
      hidden.delete(event.revision);
      if (event.metadata.node !== this.instance) others.set(event.revision, conversationEventOf(event));
    }
    for (const [seq, command] of hidden) {
      await this.untilInLog(seq);
      if (!this.isSeenAsOurs(command, seq)) others.set(seq, { type: 'gone', channel: this.channel });
    }
    return others;
  }

  private isSeenAsOurs({ bot, id, channel }: ConversationCommand, seq: number): boolean {
    const seen = this.window.find(acceptedKey(bot, id));
    return seen !== undefined && seen.ours && seen.channel === channel && seen.seq === seq;
  }
}
