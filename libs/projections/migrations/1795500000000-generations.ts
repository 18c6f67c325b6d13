import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Allows several builds of a projection side by side, stores what operators want of each, and creates the role that
 * queries run under. From here on the code of a projection makes the tables of its generations; migrations own what
 * outlives them.
 *
 * Tables that were never filled are dropped, so that today's code makes the first generation. Filled tables stay as
 * they are, behind views with today's columns, until the read model is rebuilt.
 */
export class Generations1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...BUILDS, CONTROLS, READER]) await runner.query(statement);
    for (const [projection, tables] of Object.entries(FIRST_TABLES)) {
      const [filled] = (await runner.query('SELECT FROM projection_builds WHERE name = $1', [
        projection,
      ])) as unknown[];
      if (filled) {
        await runner.query('UPDATE projection_builds SET tables = $2 WHERE name = $1', [projection, tables]);
        continue;
      }
      for (const table of tables) await runner.query(`DROP TABLE ${table}_g1 CASCADE`);
    }
    for (const [view, columns] of Object.entries(ADDED_COLUMNS)) await widen(runner, view, columns);
  }

  /**
   * Always throws: the schema before this migration can't be restored, and read models are rebuilt from the log
   * instead.
   */
  async down(): Promise<void> {
    throw new Error(
      'Generations can not be taken back: drop the database, the read models are built from the log',
    );
  }
}

const FIRST_TABLES: Readonly<Record<string, readonly string[]>> = {
  messages: ['messages'],
  channels: ['channels', 'channel_members'],
  bots: ['bots', 'bot_keys'],
};

const BUILDS = [
  `ALTER TABLE projection_builds
     ADD COLUMN stage text NOT NULL DEFAULT 'active',
     ADD COLUMN tables text[] NOT NULL DEFAULT '{}',
     ADD COLUMN differences text,
     ADD COLUMN compared_at timestamptz`,
];

const CONTROLS = `CREATE TABLE projection_controls (
  name text PRIMARY KEY,
  paused boolean NOT NULL DEFAULT false,
  wanted text,
  resumes int NOT NULL DEFAULT 0,
  holder_seen_at timestamptz
) WITH (fillfactor = 50)`;

/**
 * Creates the role for queries. Roles belong to the whole server, so another database may create the same role at this
 * very moment. Where we may not create roles, queries run as the connecting user, in read-only transactions.
 */
const READER = `DO $$
  BEGIN
    BEGIN
      CREATE ROLE verbatim_reader NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'verbatim_reader') THEN
      IF NOT has_schema_privilege('verbatim_reader', current_schema(), 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO verbatim_reader', current_schema());
      END IF;
      EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO verbatim_reader', current_schema());
      EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO verbatim_reader', current_schema());
      IF NOT pg_has_role(current_user, 'verbatim_reader', 'MEMBER') THEN
        GRANT verbatim_reader TO CURRENT_USER;
      END IF;
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END $$`;

const ADDED_COLUMNS: Readonly<Record<string, string>> = {
  messages:
    'NULL::timestamptz AS edited_at, NULL::timestamptz AS redacted_at, NULL::bigint AS changed_seq, NULL::text AS original',
};

/** Adds columns to a view whose tables do not have them. */
const widen = async (runner: QueryRunner, view: string, columns: string): Promise<void> => {
  const [exists] = (await runner.query('SELECT to_regclass($1) AS found', [view])) as {
    found: string | null;
  }[];
  if (exists?.found == null) return;
  const names = (await runner.query(
    `SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
    [view],
  )) as { attname: string }[];
  const kept = names.map(({ attname }) => attname).join(', ');
  await runner.query(`CREATE OR REPLACE VIEW ${view} AS SELECT ${kept}, ${columns} FROM ${view}_g1`);
};
