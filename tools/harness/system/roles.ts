import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueKey } from '#libs/platform/access/access-key.js';
import { TestPostgresServer } from './postgres-server.js';
import { RoleProcess } from '../processes/role-process.js';
import { requireNothingTold } from '../secrets/told-secrets.js';
import { startStoreProcess } from '../store/store-process.js';
import type { StoreProcess } from '../store/store-process.js';
import { VerbatimApi } from './verbatim-api.js';
import { verbatimCommand } from './verbatim.js';
import { environmentFor } from './home.js';
import { freePort } from '#libs/platform/free-port.js';

export type Role = 'gateway' | 'projector' | 'admin' | 'audit';

export type RolesPlan = Readonly<{
  gateways?: number;
  projectors?: number;
  admins?: number;
  audits?: number;
  /** Processes of all roles. */
  wholes?: number;
  /** For every role's process. */
  env?: Readonly<Record<string, string>>;
  /** What starts one role. By default `verbatim start`, with the role in VERBATIM_ROLES. */
  commandFor?(role: Role): readonly string[];
}>;

/** A role in a process of its own, with the address it listens on. */
export type RoleServer = Readonly<{ process: RoleProcess; port: number; api: VerbatimApi }>;

/**
 * Roles apart, as in production: each a process of its own, or all of them in one, against one event store and one PostgreSQL. The event store
 * is `verbatim event-store`, or the one that the tests are given; PostgreSQL is the embedded one, started by this process.
 */
export class Roles {
  constructor(
    private readonly folder: string,
    readonly adminKey: string,
    private readonly store: StoreProcess,
    readonly postgres: TestPostgresServer,
    readonly gateways: readonly RoleServer[],
    readonly projectors: readonly RoleServer[],
    readonly admins: readonly RoleServer[],
    readonly audits: readonly RoleServer[],
    readonly wholes: readonly RoleServer[],
  ) {}

  get eventStore(): RoleProcess {
    return this.store.process;
  }

  get eventStorePort(): number {
    return this.store.port;
  }

  get eventStoreUrl(): string {
    return this.store.url;
  }

  /** Folder of the event store; to be read by others only while it does not run. */
  get eventStoreDir(): string {
    return eventStoreDir(this.folder);
  }

  get all(): readonly RoleServer[] {
    return [...this.gateways, ...this.projectors, ...this.admins, ...this.audits, ...this.wholes];
  }

  /** What was printed by those that ended by themselves. */
  crashes(): string[] {
    return [this.eventStore, ...this.all.map(({ process }) => process)].flatMap(({ crashes }) => crashes);
  }

  /** SIGKILL to all roles and the event store: the log is at rest. */
  async kill(): Promise<void> {
    await Promise.all(this.all.map(({ process }) => process.kill()));
    await this.eventStore.kill();
  }

  /** Ends whatever is left, and removes the data. For `afterAll`. @throws Error when one of them has printed a secret */
  async remove(): Promise<void> {
    await this.kill();
    await this.postgres.remove();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    requireNothingTold();
  }
}

/**
 * Starts the roles asked for and waits until each is ready. Needs `npm run build`.
 * @throws Error with what the failing process printed; nothing is left behind then
 */
export const startRoles = async (plan: RolesPlan): Promise<Roles> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-roles-'));
  const adminKey = issueKey({ role: 'admin' }).key;
  const removeFolder = async (error: unknown): Promise<never> => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  };
  const postgres = await TestPostgresServer.start().catch(removeFolder);
  const eventStore = await startStoreProcess(eventStoreDir(folder)).catch(async (error: unknown) => {
    await postgres.remove();
    return removeFolder(error);
  });
  const make = async (role: Role | undefined, count = 0): Promise<RoleServer[]> => {
    const env = {
      VERBATIM_LOG_LEVEL: 'warn',
      VERBATIM_EVENTSTORE_URL: eventStore.url,
      VERBATIM_POSTGRES_URL: postgres.url,
      ...(role && !plan.commandFor && { VERBATIM_ROLES: role }),
      VERBATIM_ADMIN_KEY: adminKey,
      ...plan.env,
    };
    return Promise.all(
      Array.from({ length: count }, (_, index) =>
        roleServer(folder, `${role ?? 'whole'}-${index + 1}`, env, adminKey, role && plan.commandFor?.(role)),
      ),
    );
  };
  const roles = new Roles(
    folder,
    adminKey,
    eventStore,
    postgres,
    await make('gateway', plan.gateways),
    await make('projector', plan.projectors),
    await make('admin', plan.admins),
    await make('audit', plan.audits),
    await make(undefined, plan.wholes),
  );
  const starts = await Promise.allSettled(roles.all.map(({ process }) => process.start(60_000)));
  const failed = starts.find((start) => start.status === 'rejected');
  if (!failed) return roles;
  await roles.remove();
  throw failed.reason;
};

const eventStoreDir = (folder: string): string => join(folder, 'event-store');

/** A role that is yet to be started, with a port of its own. It keeps its key and state in a folder of its own below this one. */
export const roleServer = async (
  folder: string,
  name: string,
  env: Readonly<Record<string, string>>,
  adminKey: string,
  command = verbatimCommand(['start']),
): Promise<RoleServer> => {
  const port = await freePort();
  const api = new VerbatimApi(`http://127.0.0.1:${port}`, adminKey);
  const process = new RoleProcess({
    name,
    command,
    env: environmentFor({ dataDir: join(folder, name), port }, { ...env, VERBATIM_NODE: name }),
    isReady: async () => (await askReadiness(api))?.ok ?? false,
    standing: async () => (await (await askReadiness(api))?.text()) ?? 'nothing',
  });
  return { process, port, api };
};

/** A process that hangs must not hold up who asks. */
const askReadiness = ({ url }: VerbatimApi): Promise<Response | undefined> =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
