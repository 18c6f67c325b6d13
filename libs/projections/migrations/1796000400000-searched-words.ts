import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds `words` to the view of messages for today's queries. Tables of the first version do not have that column, so the
 * view returns NULL until they are rebuilt, which starts by itself.
 */
export class SearchedWords1796000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = (await runner.query(
      `SELECT attname AS name, pg_get_viewdef(attrelid) AS view FROM pg_attribute
       WHERE attrelid = to_regclass('messages') AND attnum > 0 ORDER BY attnum`,
    )) as { name: string; view: string }[];
    const [first] = columns;
    if (!first || columns.some(({ name }) => name === 'words')) return;
    const names = columns.map(({ name }) => name).join(', ');
    await runner.query(
      `CREATE OR REPLACE VIEW messages AS
       SELECT ${names}, NULL::text AS words FROM (${first.view.replace(/;\s*$/, '')}) AS before`,
    );
  }

  /** Does nothing, because the older code does not use the column. */
  async down(): Promise<void> {}
}
