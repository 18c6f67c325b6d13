import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores the event at which each checkpoint stands, to detect a log that was restored from a copy, and the reason why a
 * build does not belong to the present log. For older checkpoints the event is looked up in the log.
 */
export class KnownPlaces1795723200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds ADD COLUMN landmark text, ADD COLUMN displaced text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_builds DROP COLUMN landmark, DROP COLUMN displaced');
  }
}
