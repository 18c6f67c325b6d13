import type { ConversationCommand, Gone } from '#libs/domain/conversation/conversation.decider.js';
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
    /** Resolves once the log has brought the channel's message of this seq. */
    private readonly untilInLog: (seq: number) => Promise<void>,
  ) {}

  /**
   * What lies in the places of these commands and is not ours, by seq. Reads the stream only if the log has not shown
   * yet that all of it is; what retention has hidden there already, the log still brings.
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
