import type { ReadModelDatabase } from '../postgres/read-model-database.js';

/**
 * What operators want of a projection, left in PostgreSQL for whichever process runs it. `accept`: swap in the rebuilt
 * generation even where it differs from the one before; `recount`: compare only.
 */
export type Wanted = 'rebuild' | 'accept' | 'recount' | 'revert';

export type Control = Readonly<{
  paused: boolean;
  wanted: Wanted | null;
  resumes: number;
  /** When the active build was last compared with the log. */
  comparedAt: Date | null;
}>;

/** Reads what is wanted, and says that this process has the projection and lives. */
export const readControl = async (database: ReadModelDatabase, name: string): Promise<Control> => {
  await database.rows('INSERT INTO projection_controls (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
  const [control] = await database.rows<Control>(
    `WITH touched AS (
       UPDATE projection_controls SET holder_seen_at = clock_timestamp() WHERE name = $1
     ) SELECT paused, wanted, resumes,
         (SELECT compared_at FROM projection_builds WHERE name = $1 AND active) AS "comparedAt"
       FROM projection_controls WHERE name = $1`,
    [name],
  );
  return control!;
};

/** Whether the process that has the projection has said nothing for so long, by the server's clock. */
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

/** What was wanted is being done; a wish that came meanwhile stays. */
export const fulfil = async (database: ReadModelDatabase, name: string, wanted: Wanted): Promise<void> => {
  await database.rows('UPDATE projection_controls SET wanted = NULL WHERE name = $1 AND wanted = $2', [
    name,
    wanted,
  ]);
};

/** Asks the process that runs the projection. @returns whether there is such a projection */
export const want = async (database: ReadModelDatabase, name: string, wanted: Wanted): Promise<boolean> =>
  changed(database, 'wanted = $2', [name, wanted]);

export const wantPaused = async (database: ReadModelDatabase, name: string): Promise<boolean> =>
  changed(database, 'paused = true', [name]);

/** Goes on after a pause, and tries the event again at which a projection stands. */
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

/** Whether there is a generation of before to go back to. */
export const hasKept = async (database: ReadModelDatabase, name: string): Promise<boolean> =>
  (await database.rows(`SELECT FROM projection_builds WHERE name = $1 AND stage = 'kept'`, [name])).length >
  0;
