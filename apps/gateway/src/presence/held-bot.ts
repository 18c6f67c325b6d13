import type { HeldConnections } from '#libs/domain/presence/presence-plan.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';

/** A connection that can be told that another one took its place. */
export type Holder = Readonly<{
  bot: string;
  consumer: string;
  connection: string;
  supersede(): void;
}>;

type Live = { holder: Holder; announced: boolean; waiting: (() => void)[] };

/** The connections of one bot at this gateway, and what the log is still to hear of them. */
export class HeldBot {
  private readonly live = new Map<string, Live>();
  private readonly ended = new Map<string, string>();

  connected(holder: Holder): void {
    this.live.set(holder.connection, { holder, announced: false, waiting: [] });
  }

  disconnected(connection: string, reason: string): void {
    const one = this.live.get(connection);
    if (!one) return;
    this.live.delete(connection);
    this.ended.set(connection, reason);
    for (const resolve of one.waiting) resolve();
  }

  endAll(reason: string): void {
    for (const connection of this.live.keys()) this.disconnected(connection, reason);
  }

  /** Notes what the log has by now. */
  compare({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const [connection, one] of this.live) {
      if (!open.has(connection)) continue;
      one.announced = true;
      for (const resolve of one.waiting.splice(0)) resolve();
    }
  }

  /** Forgets why connections ended that the log has closed. Not while one may be on its way there. */
  forgetClosed({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const connection of this.ended.keys()) if (!open.has(connection)) this.ended.delete(connection);
  }

  /** Resolves once the log has this connection, or it has ended. */
  announced(connection: string): Promise<void> {
    const one = this.live.get(connection);
    if (!one || one.announced) return Promise.resolve();
    return new Promise((resolve) => one.waiting.push(resolve));
  }

  holders(connections: readonly string[]): Holder[] {
    return connections.flatMap((connection) => this.live.get(connection)?.holder ?? []);
  }

  connections(): string[] {
    return [...this.live.keys()];
  }

  get isEmpty(): boolean {
    return this.live.size === 0 && this.ended.size === 0;
  }

  view(): HeldConnections {
    const live = [...this.live.values()].map(({ holder: { connection, consumer }, announced }) => {
      return { connection, consumer, announced };
    });
    return { live, ended: this.ended };
  }
}
