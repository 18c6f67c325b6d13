import { Command } from 'commander';
import { auditExportCommand } from './audit-export.command.js';
import { auditReplayCommand } from './audit-replay.command.js';
import { auditVerifyCommand } from './audit-verify.command.js';
import { auditWhyCommand } from './audit-why.command.js';

export const auditCommand = (setExitCode: (code: number) => void): Command => {
  const audit = new Command('audit').description(
    'replay, export, explain and verify the log (as auditor or admin)',
  );
  for (const command of [
    auditReplayCommand(),
    auditExportCommand(),
    auditWhyCommand(),
    auditVerifyCommand(setExitCode),
  ])
    audit.addCommand(command.exitOverride());
  return audit;
};
