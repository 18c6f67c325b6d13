import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import type { Post } from '#tools/harness/bots/outbox.js';
import type { Step } from '#tools/harness/checker/history.js';

/** What a bot's process is started with. */
export type BotPlan = Readonly<{
  options: Omit<FaultBotOptions, 'random' | 'onStep'>;
  seed: number;
  /** What the process before it left without an answer. */
  inherits: readonly Post[];
}>;

export type Order =
  | Readonly<{ type: 'begin'; plan: BotPlan }>
  | Readonly<{ type: 'talk'; perSecond: number }>
  | Readonly<{ type: 'fall silent' }>
  /** Begin to send a message, and never come to its end. */
  | Readonly<{ type: 'send half'; channel: string }>;

export type FromBot = Readonly<{ type: 'step'; step: Step }> | Readonly<{ type: 'half sent' }>;
