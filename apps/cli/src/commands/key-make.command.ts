import { Command } from 'commander';
import { issueKey } from '#libs/platform/keys/access-key.js';

/**
 * `verbatim key make`: prints a new admin key for VERBATIM_ADMIN_KEY. It contacts no server, so the key is
 * not known anywhere yet.
 */
export const keyMakeCommand = (): Command =>
  new Command('make')
    .description('print a new admin key for VERBATIM_ADMIN_KEY; a server started with it accepts the key')
    .action(() => void process.stdout.write(`${issueKey({ role: 'admin' }).key}\n`));
