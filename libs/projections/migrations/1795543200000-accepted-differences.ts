import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether an operator accepted beforehand that a build differs: it outlives the process that was told. */
export class AcceptedDifferences1795543200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE projection_builds ADD COLUMN accepts_differences boolean NOT NULL DEFAULT false',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds DROP COLUMN accepts_differences');
  }
}
