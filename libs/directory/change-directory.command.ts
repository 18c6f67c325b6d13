import { Command } from '@nestjs/cqrs';
import type { DirectoryCommand } from './change-directory.handler.js';
import type { Actor } from '#libs/domain/event.js';

/** Changes who is who: bots, channels, memberships, operators' keys, and admins' decisions. Done once the directory shows it. */
export class ChangeDirectoryCommand extends Command<void> {
  constructor(
    readonly change: DirectoryCommand,
    readonly actor: Actor,
  ) {
    super();
  }
}
