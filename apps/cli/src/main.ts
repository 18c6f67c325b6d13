#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { CommanderError } from 'commander';
import { maskSecrets } from '#libs/platform/config/mask-secrets.js';
import { InvalidSettings } from '#libs/platform/config/settings.js';
import { CommandFailed } from './command-failed.js';
import { createProgram } from './program.js';

const USAGE_ERROR = 2;

const main = async (): Promise<number> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  let exitCode = 0;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    process.stderr.write(`${maskSecrets(tell(error))}\n`);
    return 1;
  }
};

/** One line for what is expected to happen; anything else is a fault of ours, to be reported with its stack. */
const tell = (error: unknown): string => {
  if (error instanceof CommandFailed || error instanceof InvalidSettings) return error.message;
  if (process.env['VERBATIM_LOG_LEVEL'] === 'debug' && error instanceof Error)
    return error.stack ?? error.message;
  return error instanceof Error ? error.message || error.name : String(error);
};

// A reader that has gone (`verbatim bot list | head`) is no reason to complain.
process.stdout.on('error', () => process.exit(0));

process.exit(await main());
