import { Command } from 'commander';
import { auditDiffCommand } from './audit-diff.command.js';
import { auditExportCommand } from './audit-export.command.js';
import { auditReplaceKeyCommand, auditRotateKeyCommand } from './audit-keys.command.js';
import { auditReplayCommand } from './audit-replay.command.js';
import { auditStateCommand } from './audit-state.command.js';
import { auditVerifyCommand } from './audit-verify.command.js';
import { auditWhyCommand } from './audit-why.command.js';
import { auditWitnessCommand } from './audit-witness.command.js';

export const auditCommand = (setExitCode: (code: number) => void): Command => {
  const audit = new Command('audit').description('replay, export, explain, verify and witness the log');
  for (const command of [
    auditReplayCommand(),
    auditExportCommand(),
    auditStateCommand(),
    auditDiffCommand(),
    auditWhyCommand(),
    auditVerifyCommand(setExitCode),
    auditWitnessCommand(),
    auditRotateKeyCommand(),
    auditReplaceKeyCommand(),
  ])
    audit.addCommand(command.exitOverride());
  return audit;
};
