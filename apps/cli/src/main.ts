#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { readEnvFile } from '#libs/platform/config/env-file.js';
import { maskSecrets } from '#libs/platform/config/mask-secrets.js';
import { InvalidSettings } from '#libs/platform/config/settings.js';
import { CommandFailed } from './command-failed.js';
import { createProgram } from './program.js';

const USAGE_ERROR = 2;

/** The file of settings in the folder that the command is started in. */
const ENV_FILE = '.env';

const main = async (): Promise<number> => {
  let exitCode = 0;
  const program = createProgram((code) => (exitCode = code));
  try {
    if (existsSync(ENV_FILE)) loadEnvFile();
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    process.stderr.write(`${maskSecrets(tell(error))}\n`);
    return 1;
  }
};

/**
 * Loads the settings in the file. Those of the environment take precedence.
 *
 * @throws InvalidSettings when the file can't be understood
 */
const loadEnvFile = (): void => {
  const { values, mistakes } = readEnvFile(readFileSync(ENV_FILE));
  if (mistakes.length > 0) throw new InvalidSettings(mistakes.map((mistake) => `${ENV_FILE}: ${mistake}`));
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
};

/**
 * Returns the message for an error: one line for expected failures. With VERBATIM_LOG_LEVEL=debug, any other
 * error is shown with its stack.
 */
const tell = (error: unknown): string => {
  if (error instanceof CommandFailed || error instanceof InvalidSettings) return error.message;
  if (process.env['VERBATIM_LOG_LEVEL'] === 'debug' && error instanceof Error)
    return error.stack ?? error.message;
  return error instanceof Error ? error.message || error.name : String(error);
};

// A reader may close the pipe early (`verbatim bot list | head`); that is not an error.
process.stdout.on('error', () => process.exit(0));

process.exit(await main());
