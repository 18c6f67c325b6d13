import { Command } from 'commander';
import { issueKey } from '#libs/platform/access/access-key.js';

/** `verbatim key make`: a new admin key for VERBATIM_ADMIN_KEY. It talks to no server, and nobody knows the key yet. */
export const keyMakeCommand = (): Command =>
  new Command('make')
    .description('print a new admin key for VERBATIM_ADMIN_KEY; a start with it makes the key known')
    .action(() => void process.stdout.write(`${issueKey({ role: 'admin' }).key}\n`));
