/** The channels of each bot, the other way round from how channels keep their members. */
export class Memberships {
  readonly #channels = new Map<string, Set<string>>();

  add(bot: string, channel: string): void {
    const channels = this.#channels.get(bot) ?? new Set();
    this.#channels.set(bot, channels.add(channel));
  }

  remove(bot: string, channel: string): void {
    this.#channels.get(bot)?.delete(channel);
  }

  /** In alphabetical order. */
  channelsOf(bot: string): readonly string[] {
    return [...(this.#channels.get(bot) ?? [])].toSorted();
  }
}
