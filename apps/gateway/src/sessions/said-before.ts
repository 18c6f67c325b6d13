/**
 * Remembers the messages of one connection that are not delivered yet, so that a signal of the same connection does not
 * overtake them.
 */
export class SaidBefore {
  /** Created when first needed, because most connections only listen. */
  private pending: Map<string, Set<Promise<unknown>>> | undefined;

  /** Remembers a post, edit or redaction until it is answered. By then it has been sent to the live members. */
  trackMessage<T>(channel: string, saying: Promise<T>): Promise<T> {
    const channels = (this.pending ??= new Map());
    const pending = channels.get(channel) ?? new Set();
    channels.set(channel, pending.add(saying));
    const forget = (): void => {
      pending.delete(saying);
      if (pending.size === 0 && channels.get(channel) === pending) channels.delete(channel);
    };
    saying.then(forget, forget);
    return saying;
  }

  /** Resolves once all messages that this connection sent to a channel before this call are delivered or refused. */
  async waitForMessages(channel: string): Promise<void> {
    await Promise.allSettled(this.pending?.get(channel) ?? new Set<Promise<unknown>>());
  }
}
