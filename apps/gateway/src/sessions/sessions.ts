import type { Session } from './session.js';

/** The connections of this process, by bot and consumer. The newest of a consumer wins. */
export class Sessions {
  /** A bot has few consumers: looking through a list costs less than a map for each bot. */
  private readonly byBot = new Map<string, readonly Session[]>();

  /** Registers a session and returns the one it takes the place of. */
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

  /** As of now: what comes and goes later does not change it. */
  sessionsOf(bot: string): readonly Session[] {
    return this.byBot.get(bot) ?? [];
  }
}
