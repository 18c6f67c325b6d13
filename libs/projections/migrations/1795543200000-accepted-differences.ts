import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores whether an operator accepted in advance that a build differs, so that this outlives the process that received
 * the request.
 */
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
