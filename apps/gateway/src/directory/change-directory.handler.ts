import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { DirectoryCommands } from '#libs/directory/change-directory.handler.js';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';

@CommandHandler(ChangeDirectoryCommand)
export class ChangeDirectoryHandler implements ICommandHandler<ChangeDirectoryCommand> {
  constructor(private readonly directory: DirectoryCommands) {}

  /** @throws Rejection, StoreUnavailable */
  async execute({ change, actor }: ChangeDirectoryCommand): Promise<void> {
    await this.directory.execute(change, { actor });
  }
}
