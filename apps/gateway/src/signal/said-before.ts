/** What one connection has said in its channels and is not there yet: what it says next must not overtake it. */
export class SaidBefore {
  private readonly pending = new Map<string, Set<Promise<unknown>>>();

  /** Remembers a post, edit or redaction until it is answered, by when it was sent to the live members. */
  note<T>(channel: string, saying: Promise<T>): Promise<T> {
    const pending = this.pending.get(channel) ?? new Set();
    this.pending.set(channel, pending.add(saying));
    const forget = (): void => {
      pending.delete(saying);
      if (pending.size === 0 && this.pending.get(channel) === pending) this.pending.delete(channel);
    };
    saying.then(forget, forget);
    return saying;
  }

  /** Resolves once all that was said in a channel before this call is there, or was refused. */
  async done(channel: string): Promise<void> {
    await Promise.allSettled(this.pending.get(channel) ?? new Set<Promise<unknown>>());
  }
}
