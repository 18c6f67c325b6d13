import type { BotHistory } from '../checker/history.js';

/** What a crew asks of its bots, whatever program they are. */
export interface CrewBot {
  readonly history: BotHistory;
  /** Connected and told where it stands. */
  readonly atWork: boolean;
  /** How many of its posts have no answer yet. */
  readonly unanswered: number;
  lastSeen(channel: string): number;
  connect(): void;
  /** Posts at a steady rate while connected, into its channels at random. */
  talk(perSecond: number): void;
  fallSilent(): void;
  /** Says again what was answered long ago. */
  repeatSome(count: number): void;
  /** Posts by HTTP, to each of these servers at once, what its connection may be waiting for; if it can. */
  storm?(urls: readonly string[]): Promise<void>;
  close(): void;
}
