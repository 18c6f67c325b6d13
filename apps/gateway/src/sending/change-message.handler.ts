import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { Acceptance } from './accept-message.handler.js';
import type { Posted } from './posted.js';
import { ChangeMessageCommand } from './change-message.command.js';

@CommandHandler(ChangeMessageCommand)
export class ChangeMessageHandler implements ICommandHandler<ChangeMessageCommand> {
  constructor(private readonly acceptance: Acceptance) {}

  // oxlint-disable-next-line typescript/require-await -- async so that refusals reach the caller as rejections
  async execute({ change, refusal }: ChangeMessageCommand): Promise<Posted> {
    return this.acceptance.accept(change, refusal);
  }
}
