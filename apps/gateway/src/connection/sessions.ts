import type { Session } from './session.js';

/** The connections of this process, by bot and consumer. The newest of a consumer wins. */
export class Sessions {
  private readonly byBot = new Map<string, Map<string, Session>>();

  /** Registers a session and returns the one it takes the place of. */
  add(session: Session): Session | undefined {
    const consumers = this.byBot.get(session.bot) ?? new Map<string, Session>();
    this.byBot.set(session.bot, consumers);
    const older = consumers.get(session.consumer);
    consumers.set(session.consumer, session);
    return older;
  }

  remove(session: Session): void {
    const consumers = this.byBot.get(session.bot);
    if (consumers?.get(session.consumer) !== session) return;
    consumers.delete(session.consumer);
    if (consumers.size === 0) this.byBot.delete(session.bot);
  }

  all(): readonly Session[] {
    return [...this.byBot.values()].flatMap((consumers) => [...consumers.values()]);
  }

  of(bot: string): readonly Session[] {
    return [...(this.byBot.get(bot)?.values() ?? [])];
  }
}
