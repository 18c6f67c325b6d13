import type { BotHistory } from '../checker/history.js';

/** A bot that can be part of a crew, whatever program it is. */
export interface CrewBot {
  readonly history: BotHistory;
  /** Whether it is connected and was told its cursors. */
  readonly atWork: boolean;
  /** Number of its posts without an answer. */
  readonly unanswered: number;
  lastSeen(channel: string): number;
  connect(): void;
  /** Posts at a steady rate while connected, to its channels at random. */
  talk(perSecond: number): void;
  fallSilent(): void;
  /** Sends again some posts that were already answered. */
  repeatSome(count: number): void;
  /** If the bot can: sends posts that may still be unanswered over HTTP too, to all of these servers at once. */
  storm?(urls: readonly string[]): Promise<void>;
  close(): void;
}
