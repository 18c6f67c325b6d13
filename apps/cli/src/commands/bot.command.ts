import { Command } from 'commander';
import { botCreateCommand } from './bot-create.command.js';
import { botListCommand } from './bot-list.command.js';

export const botCommand = (): Command => {
  const bot = new Command('bot').description('create and list bots (as admin)');
  for (const command of [botCreateCommand(), botListCommand()]) {
    bot.addCommand(command.exitOverride());
  }
  return bot;
};
