import type { ServiceRole } from '#libs/platform/config/settings.table.js';

/**
 * What `nest start <project>` runs: `verbatim start` with this one role, or with those in VERBATIM_ROLES when no
 * role is given. All other settings come from the environment, as usual.
 */
export const startRole = async (role?: ServiceRole): Promise<void> => {
  if (role) process.env['VERBATIM_ROLES'] = role;
  process.argv.splice(2, 0, 'start');
  await import('../main.js');
};
