import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { TestPostgresServer } from './postgres-server.js';
import { RoleProcess } from '../processes/role-process.js';
import { requireNothingTold } from '../secrets/told-secrets.js';
import { startStoreProcess } from './store-process.js';
import type { StoreProcess } from './store-process.js';
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
  /** Number of processes that run all roles. */
  wholes?: number;
  /** Environment variables for every process. */
  env?: Readonly<Record<string, string>>;
  /** What starts one role. By default `verbatim start`, with the role in VERBATIM_ROLES. */
  commandFor?(role: Role): readonly string[];
}>;

/** A process of one or all roles, with the address it listens on. */
export type RoleServer = Readonly<{ process: RoleProcess; port: number; api: VerbatimApi }>;

/**
 * A system of separate processes, as in production: one role or all roles in each, with one event store and one PostgreSQL.
 * The event store is `verbatim event-store`, or the one given to the tests. PostgreSQL is the embedded one, started by this
 * process.
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

  /** Folder of the event store. Others may read it only while the store does not run. */
  get eventStoreDir(): string {
    return eventStoreDir(this.folder);
  }

  get all(): readonly RoleServer[] {
    return [...this.gateways, ...this.projectors, ...this.admins, ...this.audits, ...this.wholes];
  }

  /** Returns the output of the processes that ended by themselves. */
  crashes(): string[] {
    return [this.eventStore, ...this.all.map(({ process }) => process)].flatMap(({ crashes }) => crashes);
  }

  /** Sends SIGKILL to all roles and the event store. Then the log no longer changes. */
  async kill(): Promise<void> {
    await Promise.all(this.all.map(({ process }) => process.kill()));
    await this.eventStore.kill();
  }

  /** Ends everything that is left and removes the data, for `afterAll`. @throws Error when a process has printed a secret */
  async remove(): Promise<void> {
    await this.kill();
    await this.postgres.remove();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    requireNothingTold();
  }
}

/**
 * Starts the roles asked for and waits until each is ready. Needs `npm run build`.
 * @throws Error with the output of the process that failed; then nothing is left behind
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

/** Makes a role that is not started yet, with its own port. It keeps its key and state in its own folder below this one. */
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

/** Asks whether a process is ready. The timeout keeps a hung process from blocking the caller. */
const askReadiness = ({ url }: VerbatimApi): Promise<Response | undefined> =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
