import { Command } from 'commander';
import { auditExportCommand } from './audit-export.command.js';
import { auditReplayCommand } from './audit-replay.command.js';
import { auditWhyCommand } from './audit-why.command.js';

export const auditCommand = (): Command => {
  const audit = new Command('audit').description('replay, export and explain the log (as auditor or admin)');
  for (const command of [auditReplayCommand(), auditExportCommand(), auditWhyCommand()])
    audit.addCommand(command.exitOverride());
  return audit;
};
