import { Command } from '@nestjs/cqrs';
import type { AccessCommand } from '#libs/domain/access/access.decider.js';
import type { BotCommand } from '#libs/domain/bot/bot.decider.js';
import type { ChannelCommand } from '#libs/domain/channel/channel.decider.js';
import type { Actor } from '#libs/domain/event.js';

/** Changes who is who: bots, channels, memberships, operators' keys. Done once the directory shows it. */
export class ChangeDirectoryCommand extends Command<void> {
  constructor(
    readonly change: BotCommand | ChannelCommand | AccessCommand,
    readonly actor: Actor,
  ) {
    super();
  }
}
