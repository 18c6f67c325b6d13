import { askTogether } from '../postgres/ask-together.js';
import type { ReadModelDatabase } from '../postgres/read-model-database.js';

/**
 * What an operator wants of a projection, stored in PostgreSQL for whichever process runs it. `accept`: activate the
 * rebuilt generation even if it differs from the previous one. `recount`: only compare.
 */
export type Wanted = 'rebuild' | 'accept' | 'recount' | 'revert';

export type Control = Readonly<{
  paused: boolean;
  wanted: Wanted | null;
  resumes: number;
  /** When the active build was last compared with the log. */
  comparedAt: Date | null;
}>;

/**
 * Reads what operators want, and stores that this process runs the projection and is alive. The projections of a process
 * that ask in the same moment share one statement. A row that another transaction holds is read, but not waited for.
 */
export const readControl = askTogether(async (database: ReadModelDatabase, names: readonly string[]) => {
  const found = await controlsOf(database, names);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return names.map((name) => found.get(name)!);
  await database.rows(
    'INSERT INTO projection_controls (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING',
    [missing],
  );
  const all = new Map([...found, ...(await controlsOf(database, missing))]);
  return names.map((name) => all.get(name)!);
});

const controlsOf = async (
  database: ReadModelDatabase,
  names: readonly string[],
): Promise<ReadonlyMap<string, Control>> => {
  const rows = await database.rows<Control & Readonly<{ name: string }>>(
    `WITH free AS (
       SELECT name FROM projection_controls WHERE name = ANY ($1) ORDER BY name FOR UPDATE SKIP LOCKED
     ), touched AS (
       UPDATE projection_controls AS control SET holder_seen_at = clock_timestamp() FROM free
       WHERE control.name = free.name
     ) SELECT control.name, paused, wanted, resumes, compared_at AS "comparedAt"
       FROM projection_controls AS control
       LEFT JOIN projection_builds AS build ON build.name = control.name AND build.active
       WHERE control.name = ANY ($1)`,
    [names],
  );
  return new Map(rows.map(({ name, ...control }) => [name, control]));
};

/** Returns whether the process that runs the projection has been silent for this long, by the server's clock. */
export const isSilent = async (
  database: ReadModelDatabase,
  name: string,
  silenceMs: number,
): Promise<boolean> => {
  const [found] = await database.rows<{ silent: boolean }>(
    `SELECT holder_seen_at < clock_timestamp() - $2 * interval '1 ms' AS silent
     FROM projection_controls WHERE name = $1`,
    [name, silenceMs],
  );
  return found?.silent ?? false;
};

/** Clears a request that is being carried out. A different request that came meanwhile stays. */
export const fulfil = async (database: ReadModelDatabase, name: string, wanted: Wanted): Promise<void> => {
  await database.rows('UPDATE projection_controls SET wanted = NULL WHERE name = $1 AND wanted = $2', [
    name,
    wanted,
  ]);
};

/** Leaves a request for the process that runs the projection. @returns whether there is such a projection */
export const want = async (database: ReadModelDatabase, name: string, wanted: Wanted): Promise<boolean> =>
  changed(database, 'wanted = $2', [name, wanted]);

export const wantPaused = async (database: ReadModelDatabase, name: string): Promise<boolean> =>
  changed(database, 'paused = true', [name]);

/** Asks to continue after a pause, and to try the event again at which the projection stands. */
export const wantResumed = async (database: ReadModelDatabase, name: string): Promise<boolean> =>
  changed(database, 'paused = false, resumes = resumes + 1', [name]);

const changed = async (
  database: ReadModelDatabase,
  change: string,
  parameters: readonly unknown[],
): Promise<boolean> =>
  (await database.transaction((tx) =>
    tx.run(`UPDATE projection_controls SET ${change} WHERE name = $1`, parameters),
  )) === 1;

/** Returns whether there is an earlier generation to go back to. */
export const hasKept = async (database: ReadModelDatabase, name: string): Promise<boolean> =>
  (await database.rows(`SELECT FROM projection_builds WHERE name = $1 AND stage = 'kept'`, [name])).length >
  0;
