import { Command } from 'commander';
import { auditExportCommand } from './audit-export.command.js';
import { auditReplayCommand } from './audit-replay.command.js';

export const auditCommand = (): Command => {
  const audit = new Command('audit').description('replay and export the log (as auditor or admin)');
  for (const command of [auditReplayCommand(), auditExportCommand()])
    audit.addCommand(command.exitOverride());
  return audit;
};
