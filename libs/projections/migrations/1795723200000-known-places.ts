import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The event at which each checkpoint stands, so that a log that was restored from a copy can be told from the one that
 * was projected; and why a build is not of the log that is there. Checkpoints of before are looked up in the log.
 */
export class KnownPlaces1795723200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds ADD COLUMN landmark text, ADD COLUMN displaced text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds DROP COLUMN landmark, DROP COLUMN displaced');
  }
}
