/** What one connection has said in its channels and is not there yet: what it says next must not overtake it. */
export class SaidBefore {
  /** Made when first needed: most connections listen. */
  private pending: Map<string, Set<Promise<unknown>>> | undefined;

  /** Remembers a post, edit or redaction until it is answered, by when it was sent to the live members. */
  noteSignal<T>(channel: string, saying: Promise<T>): Promise<T> {
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

  /** Resolves once all that was said in a channel before this call is there, or was refused. */
  async done(channel: string): Promise<void> {
    await Promise.allSettled(this.pending?.get(channel) ?? new Set<Promise<unknown>>());
  }
}
