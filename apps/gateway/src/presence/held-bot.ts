import type { HeldConnections } from '#libs/domain/presence/presence-plan.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';

/** A connection that can be told that another one took its place. */
export type Holder = Readonly<{
  bot: string;
  consumer: string;
  connection: string;
  supersede(): void;
}>;

/** `waiting` is made when first needed: few ask. */
type Live = { readonly holder: Holder; announced: boolean; waiting: (() => void)[] | undefined };

const NONE: ReadonlyMap<string, string> = new Map();

/**
 * The connections of one bot at this gateway, and what the log is still to hear of them. There is one for each bot that
 * is here, and most have a single connection: so a list and not a map.
 */
export class HeldBot {
  private live: readonly Live[] = [];
  /** Reasons by connection; made when first needed. */
  private ended: Map<string, string> | undefined;

  connected(holder: Holder): void {
    this.live = this.live.concat({ holder, announced: false, waiting: undefined });
  }

  disconnected(connection: string, reason: string): void {
    const one = this.find(connection);
    if (!one) return;
    this.live = this.live.filter((other) => other !== one);
    this.ended = (this.ended ?? new Map<string, string>()).set(connection, reason);
    tell(one);
  }

  endAll(reason: string): void {
    for (const connection of this.connections()) this.disconnected(connection, reason);
  }

  /** Notes what the log has by now. */
  compare({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const one of this.live) {
      if (!open.has(one.holder.connection)) continue;
      one.announced = true;
      tell(one);
    }
  }

  /** Forgets why connections ended that the log has closed. Not while one may be on its way there. */
  forgetClosed({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const connection of this.ended?.keys() ?? [])
      if (!open.has(connection)) this.ended?.delete(connection);
    if (this.ended?.size === 0) this.ended = undefined;
  }

  /** Resolves once the log has this connection, or it has ended. */
  announced(connection: string): Promise<void> {
    const one = this.find(connection);
    if (!one || one.announced) return Promise.resolve();
    return new Promise((resolve) => (one.waiting ??= []).push(resolve));
  }

  holders(connections: readonly string[]): Holder[] {
    return connections.flatMap((connection) => this.find(connection)?.holder ?? []);
  }

  connections(): string[] {
    return this.live.map(({ holder }) => holder.connection);
  }

  get isEmpty(): boolean {
    return this.live.length === 0 && this.ended === undefined;
  }

  view(): HeldConnections {
    const live = this.live.map(({ holder: { connection, consumer }, announced }) => {
      return { connection, consumer, announced };
    });
    return { live, ended: this.ended ?? NONE };
  }

  private find(connection: string): Live | undefined {
    return this.live.find(({ holder }) => holder.connection === connection);
  }
}

const tell = (one: Live): void => {
  for (const resolve of one.waiting ?? []) resolve();
  one.waiting = undefined;
};
