import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Marks builds whose rows are copied in first and settled afterwards. All existing builds were made event by event. */
export class LoadingBuilds1795546800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds ADD COLUMN loading boolean NOT NULL DEFAULT false');
  }

  /** Drops builds that are not settled, with their tables, because nothing else knows what they lack. */
  async down(runner: QueryRunner): Promise<void> {
    const unsettled = (await runner.query(
      'DELETE FROM projection_builds WHERE loading RETURNING generation, unnest(tables) AS name',
    )) as { generation: number; name: string }[];
    for (const { generation, name } of unsettled)
      await runner.query(`DROP TABLE IF EXISTS ${name}_g${generation} CASCADE`);
    await runner.query('ALTER TABLE projection_builds DROP COLUMN loading');
  }
}
