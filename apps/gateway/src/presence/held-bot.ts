import type { HeldConnections } from '#libs/domain/presence/presence-plan.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';

/** A connection that can be told that a newer one has replaced it. */
export type Holder = Readonly<{
  bot: string;
  consumer: string;
  connection: string;
  /** The id of the key that the bot came with. */
  keyId?: string;
  supersede(): void;
}>;

/** When a connection began, and the revision up to which its bot's stream was known here then. */
type Beginning = Readonly<{ began: number; seen: number }>;

/** `waiting` is created when first needed, because few connections are waited for. */
type Live = {
  readonly holder: Holder;
  readonly beginning: Beginning;
  announced: boolean;
  waiting: (() => void)[] | undefined;
};

const NONE: ReadonlyMap<string, string> = new Map();

/**
 * Holds the connections of one bot at this gateway, and what is not in the log about them yet. There is one object for
 * each connected bot, and most bots have a single connection, so the connections are a list and not a map.
 */
export class HeldBot {
  private live: readonly Live[] = [];
  /** Why connections ended, by connection id. Created when first needed. */
  private ended: Map<string, string> | undefined;

  connected(holder: Holder, beginning: Beginning): void {
    this.live = this.live.concat({ holder, beginning, announced: false, waiting: undefined });
  }

  disconnected(connection: string, reason: string): void {
    const one = this.find(connection);
    if (!one) return;
    this.live = this.live.filter((other) => other !== one);
    this.ended = (this.ended ?? new Map<string, string>()).set(connection, reason);
    tell(one);
  }

  /** Returns the id of the key that an open connection came with. */
  keyOf(connection: string): string | undefined {
    return this.find(connection)?.holder.keyId;
  }

  endAll(reason: string): void {
    for (const connection of this.connections()) this.disconnected(connection, reason);
  }

  /** Notes which connections the log shows by now. */
  compare({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const one of this.live) {
      if (!open.has(one.holder.connection)) continue;
      one.announced = true;
      tell(one);
    }
  }

  /**
   * Forgets the reasons of ended connections that the log shows as closed. Must not be called while an event for one of
   * them may be on its way to the log.
   */
  forgetClosed({ connections }: BotPresence): void {
    const open = new Set(connections.map(({ connection }) => connection));
    for (const connection of this.ended?.keys() ?? [])
      if (!open.has(connection)) this.ended?.delete(connection);
    if (this.ended?.size === 0) this.ended = undefined;
  }

  /** Resolves once the log shows this connection, or once it has ended. */
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
    const live = this.live.map(({ holder: { connection, consumer }, beginning, announced }) => {
      return { connection, consumer, announced, ...beginning };
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
