import type { Session } from './session.js';

/**
 * Holds the connections of this process by bot and consumer. The newest connection of a consumer replaces the older
 * one.
 */
export class Sessions {
  /**
   * The sessions of each bot as a list. A bot has few consumers, so searching a list costs less than a map for each
   * bot.
   */
  private readonly byBot = new Map<string, readonly Session[]>();

  /** Registers a session and returns the one that it replaces, if any. */
  addSession(session: Session): Session | undefined {
    const present = this.sessionsOf(session.bot);
    const older = present.find(({ consumer }) => consumer === session.consumer);
    this.byBot.set(session.bot, present.filter((one) => one !== older).concat(session));
    return older;
  }

  remove(session: Session): void {
    const left = this.sessionsOf(session.bot).filter((one) => one !== session);
    if (left.length > 0) this.byBot.set(session.bot, left);
    else this.byBot.delete(session.bot);
  }

  allSessions(): readonly Session[] {
    return [...this.byBot.values()].flat();
  }

  /** Returns the sessions of a bot at this moment. Later changes do not affect the returned list. */
  sessionsOf(bot: string): readonly Session[] {
    return this.byBot.get(bot) ?? [];
  }
}
