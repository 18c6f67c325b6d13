import { createRequire } from 'node:module';
import { Command } from 'commander';
import { CommandFailed } from '../command-failed.js';

const ABSENT =
  'verbatim hardening is not installed here: it is a tool of the source code, and the image does not contain it.\n' +
  'Get the sources of Verbatim, run "npm ci" in their folder, then ' +
  '"npm run verbatim -- hardening --url <address of this server> --key-file <file with an admin’s key>".';

/** `verbatim hardening`: the tool that certifies a Verbatim reads the options itself, where it is installed. */
export const hardeningCommand = (setExitCode: (code: number) => void): Command =>
  new Command('hardening')
    .description(
      'put a Verbatim under load and faults, measure, and write a report; exit code 1 if a target is missed',
    )
    .argument('[options...]')
    .allowUnknownOption()
    .action(async (given: string[], _options, command: Command) => {
      const { hardeningTool } = await loadTool();
      const tool = hardeningTool(setExitCode).copyInheritedSettings(command.parent!);
      await tool.parseAsync(given, { from: 'user' });
    });

/** @throws CommandFailed with what to do, where there is no such tool */
const loadTool = async (): Promise<typeof import('#tools/hardening/hardening.command.js')> => {
  try {
    createRequire(import.meta.url).resolve('#tools/hardening/hardening.command.js');
  } catch {
    throw new CommandFailed(ABSENT);
  }
  return import('#tools/hardening/hardening.command.js');
};
