import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import type { Post } from '#tools/harness/bots/outbox.js';
import type { Step } from '#tools/harness/checker/history.js';

/** Everything that a bot's process needs to start. */
export type BotPlan = Readonly<{
  options: Omit<FaultBotOptions, 'random' | 'onStep'>;
  seed: number;
  /** The posts that the previous process left without an answer. */
  inherits: readonly Post[];
}>;

export type Order =
  | Readonly<{ type: 'begin'; plan: BotPlan }>
  | Readonly<{ type: 'talk'; perSecond: number }>
  | Readonly<{ type: 'fall silent' }>
  /** Begins to send a message but never finishes it. */
  | Readonly<{ type: 'send half'; channel: string }>;

export type FromBot = Readonly<{ type: 'step'; step: Step }> | Readonly<{ type: 'half sent' }>;
