import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import { conversationEventOf } from '#libs/delivery/message-encoding.js';
import type { EventStore } from '#libs/event-store/event-store.js';

/**
 * Tells what this process wrote from what another gateway wrote under the same ids: two that append the same ids at the
 * same revision are both told that they succeeded, but only the content of the first is there.
 */
export class Authorship {
  constructor(
    private readonly channel: string,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly window: AcceptedWindow,
    private readonly instance: string,
  ) {}

  /**
   * What lies in the places of these commands and is not ours, by seq. Reads the stream only if the log has not shown
   * yet that all of it is.
   *
   * @throws StoreUnavailable
   */
  async othersAt(
    commands: readonly ConversationCommand[],
    firstSeq: number,
  ): Promise<ReadonlyMap<number, ConversationEvent>> {
    const others = new Map<number, ConversationEvent>();
    if (commands.every((command, index) => this.isSeenAsOurs(command, firstSeq + index))) return others;
    const range = { from: firstSeq, limit: commands.length };
    for await (const event of this.store.readStream(messagesStream(this.channel), range)) {
      if (event.metadata.node !== this.instance) others.set(event.revision, conversationEventOf(event));
    }
    return others;
  }

  private isSeenAsOurs({ bot, id, channel }: ConversationCommand, seq: number): boolean {
    const seen = this.window.find(acceptedKey(bot, id));
    return seen !== undefined && seen.ours && seen.channel === channel && seen.seq === seq;
  }
}
