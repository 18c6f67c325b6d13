import { Command } from 'commander';
import { auditCommand } from './commands/audit.command.js';
import { botCommand } from './commands/bot.command.js';
import { chatCommand } from './commands/chat.command.js';
import { eventsCommand } from './commands/events.command.js';
import { eventStoreCommand } from './commands/event-store.command.js';
import { hardeningCommand } from './commands/hardening.command.js';
import { keyCommand } from './commands/key.command.js';
import { projectionsCommand } from './commands/projections.command.js';
import { startCommand } from './commands/start.command.js';

/** Builds the command line. Usage errors are thrown as CommanderError; commands throw CommandFailed. */
export const createProgram = (setExitCode: (code: number) => void): Command => {
  const program = new Command('verbatim')
    .description('Event-sourced messaging for bots.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(verbatim --help lists the commands)');
  for (const command of [
    startCommand(setExitCode),
    botCommand(),
    chatCommand(),
    projectionsCommand(),
    auditCommand(setExitCode),
    keyCommand(),
    eventsCommand(),
    eventStoreCommand(setExitCode),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  // It is asked for help like for anything else, and answers itself.
  return program.addCommand(hardeningCommand(setExitCode).copyInheritedSettings(program).helpOption(false));
};
