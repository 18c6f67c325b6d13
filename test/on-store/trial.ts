import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScopedEventStore } from '#libs/event-store/scoped-event-store.js';
import { roleServer } from '#tools/harness/system/roles.js';
import type { Role, RoleServer } from '#tools/harness/system/roles.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { makeScope, schemaOf, urlInSchema } from './trial-place.js';
import type { Stores } from './trial-place.js';

/** Runs a separate Verbatim on two stores, with its own names, processes and log. */
export class Trial {
  readonly random = new Random(seedOfThisRun());
  /** The log as it is, read without Verbatim. */
  readonly log: ScopedEventStore;
  private readonly adminKey = issueKey({ role: 'admin' }).key;
  private readonly servers: RoleServer[] = [];

  private constructor(
    readonly stores: Stores,
    readonly scope: string,
    readonly folder: string,
  ) {
    this.log = new ScopedEventStore({ connectionString: stores.eventStoreUrl, scope });
  }

  static async open(stores: Stores): Promise<Trial> {
    return new Trial(stores, makeScope(), await mkdtemp(join(tmpdir(), 'verbatim-on-store-')));
  }

  /** Starts a process with one role or all of them. Resolves when it is ready. @throws Error with what it printed */
  async start(name: string, role?: Role): Promise<RoleServer> {
    const env = {
      VERBATIM_LOG_LEVEL: 'warn',
      VERBATIM_EVENTSTORE_URL: this.stores.eventStoreUrl,
      VERBATIM_EVENTSTORE_SCOPE: this.scope,
      VERBATIM_POSTGRES_URL: urlInSchema(this.stores.postgresUrl, schemaOf(this.scope)),
      VERBATIM_ADMIN_KEY: this.adminKey,
      ...(role && { VERBATIM_ROLES: role }),
    };
    const server = await roleServer(this.folder, name, env, this.adminKey);
    this.servers.push(server);
    await server.process.start(60_000);
    return server;
  }

  /** Ends what still runs. The stores keep what was written. */
  async close(): Promise<void> {
    await Promise.all(this.servers.map(({ process }) => process.kill()));
    await this.log.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
