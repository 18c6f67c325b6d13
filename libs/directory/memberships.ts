/** Holds the channels of each bot. It is the inverse of the members that each channel holds. */
export class Memberships {
  readonly #channels = new Map<string, Set<string>>();

  addMember(bot: string, channel: string): void {
    const channels = this.#channels.get(bot) ?? new Set();
    this.#channels.set(bot, channels.add(channel));
  }

  remove(bot: string, channel: string): void {
    this.#channels.get(bot)?.delete(channel);
  }

  /** Returns the channels of a bot in alphabetical order. */
  channelsOf(bot: string): readonly string[] {
    return [...(this.#channels.get(bot) ?? [])].toSorted();
  }
}
