import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { ActTrail } from '#libs/access-trail/act-trail.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { hasKept, want, wantPaused, wantResumed } from '#libs/projections/runner/control-store.js';
import { RequestError } from '#libs/protocol/errors.js';
import { asRequestError } from '../read-models/as-request-error.js';

export type ProjectionAction = 'rebuild' | 'accept' | 'recount' | 'revert' | 'pause' | 'resume';

const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Leaves a request for the process that runs a projection, which looks for requests each second. It has a
 * connection of its own, because the connections of the queries are read-only.
 */
@Injectable()
export class ProjectionControls implements BeforeApplicationShutdown {
  private readonly database: ReadModelDatabase;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly trail: ActTrail,
  ) {
    if (settings.postgres.url === undefined) throw new Error('The admin API needs PostgreSQL');
    this.database = new ReadModelDatabase({
      url: settings.postgres.url,
      applicationName: 'verbatim-admin-controls',
      poolSize: 1,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      durable: true,
    });
  }

  /**
   * Records the act, then requests it. A request that is refused after that is on record as an attempt.
   *
   * @throws RequestError `not_found` for an unknown projection or when there is no generation to go back to;
   * `read_model_unavailable`
   * @throws StoreUnavailable when the act cannot be recorded; nothing is requested then
   */
  async requestAction(name: string, action: ProjectionAction, keyId: string): Promise<void> {
    await this.trail.record({ act: `projection.${action}`, subject: name, keyId });
    const known = await this.leaveWord(name, action).catch((error: unknown) => {
      throw asRequestError(error);
    });
    if (!known) throw new RequestError('not_found', `There is no projection named "${name}"`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.database.close();
  }

  private async leaveWord(name: string, action: ProjectionAction): Promise<boolean> {
    if (action === 'pause') return wantPaused(this.database, name);
    if (action === 'resume') return wantResumed(this.database, name);
    if (action === 'revert' && !(await hasKept(this.database, name))) {
      throw new RequestError('not_found', `Projection "${name}" has no earlier generation to go back to`);
    }
    return want(this.database, name, action);
  }
}
