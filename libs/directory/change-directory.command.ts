import { Command } from '@nestjs/cqrs';
import type { AccessCommand } from '#libs/domain/access/access.decider.js';
import type { BotCommand } from '#libs/domain/bot/bot.decider.js';
import type { ChannelCommand } from '#libs/domain/channel/channel.decider.js';
import type { SetEventAside } from '#libs/domain/decision/decision.decider.js';
import type { Actor } from '#libs/domain/event.js';
import type { LogPosition } from '#libs/event-store/position.js';

export type DirectoryChange = BotCommand | ChannelCommand | AccessCommand | SetEventAside;

/**
 * Changes who is who: bots, channels, memberships, operators' keys, and admins' decisions. The answer is the position
 * where every reader of the log will have it.
 */
export class ChangeDirectoryCommand extends Command<LogPosition> {
  /** @param actor who acts, as the events will say */
  constructor(
    readonly change: DirectoryChange,
    readonly actor: Actor,
  ) {
    super();
  }
}
