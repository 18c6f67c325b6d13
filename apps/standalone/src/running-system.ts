import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from '#libs/platform/config/settings.js';
import type { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { UnusablePair, readTlsPair } from '#libs/platform/tls/tls-pair.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { closeApp } from './close-app.js';
import { takeDataFolder, type DataFolder } from './data-folder/data-folder.js';
import { startStores, type Stores } from './engines/stores.js';
import type { AdminAccess } from './first-start/provision.js';
import { cannotListen, checkAddressIsFree } from './free-address.js';
import { StartRefused } from './start-refused.js';
import { tookTooLong } from './took-too-long.js';
import { withDeadline } from '#libs/time/deadline.js';
import { sleep } from '#libs/time/sleep.js';

/** Milliseconds that running requests have until they are cut, counted from the beginning of the stop. */
const GRACE_MS = 3000;
const LOOK_MS = 20;
/** Milliseconds that one step of stopping may take before the next one begins. */
const STEP_MS = 20_000;
const READY_MS = 30_000;

/** Everything that is loaded while the engines start. */
type Parts = typeof import('./system-app.js');

export type Undo = () => Promise<void> | void;

/**
 * Describes a system that has started. `notReady` names what does not work yet. `adminKey` says why nobody
 * can be admin with the key that is kept here.
 */
export type Started = Readonly<{
  url: string;
  /** A key that was just added to the log. It is kept in `newAdminKeyFile`. */
  newAdminKey?: string;
  newAdminKeyFile?: string;
  adminKey?: 'none here' | 'revoked';
  notReady?: string;
}>;

/**
 * Everything that runs. It is started in order and stopped in the reverse order. `start` may fail or be
 * aborted at any step: `stop` undoes exactly the steps that were done.
 */
export class RunningSystem {
  private readonly undo: Undo[] = [];
  /** When the stop began (`performance.now()`). */
  private stopBegan = -Infinity;

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
    /** Called when the system cannot continue. It must still be stopped. */
    private readonly onGiveUp: (reason: string) => void,
  ) {}

  /**
   * Starts everything. Resolves when `/health/ready` reports ready, or has not done so for 30 s.
   *
   * @throws StartRefused, and what engines and modules throw at start
   */
  async start(cut: AbortSignal): Promise<Started> {
    this.checkTls();
    await checkAddressIsFree(this.settings.http);
    const folder = this.takeFolder();
    const starting = this.startStores(folder);
    const loading = import('./system-app.js');
    loading.catch(() => undefined); // the engines must be stopped first, if they start
    const stores = await starting;
    cut.throwIfAborted();
    const parts = await loading;
    const app = await this.createApp(stores, parts);
    cut.throwIfAborted();
    const access = await parts.provision(app, this.settings, folder);
    const url = await this.listen(app);
    // Bots are sent away first, while everything still works for them.
    if (this.settings.roles.includes('gateway')) this.undo.push(() => parts.sayFarewell(app));
    const notReady = await untilReady(parts.healthOf(app), cut);
    return {
      url,
      ...toldOf(access, folder),
      ...(notReady === undefined ? {} : { notReady }),
    };
  }

  /**
   * Stops connections first, then what serves them, then the stores. Never throws: each step is tried, for a
   * limited time.
   */
  async stopSystem(): Promise<void> {
    this.stopBegan = performance.now();
    for (let undo = this.undo.pop(); undo !== undefined; undo = this.undo.pop()) {
      try {
        await withDeadline(STEP_MS, Promise.resolve(undo()), tookTooLong(STEP_MS));
      } catch (error) {
        this.logger.error({ component: 'stop', err: error }, 'A step of stopping failed');
      }
    }
  }

  /**
   * Checks the certificate before anything is started that would have to be stopped again.
   *
   * @throws StartRefused
   */
  private checkTls(): void {
    const { tls } = this.settings.http;
    try {
      if (tls) readTlsPair(tls);
    } catch (error) {
      throw error instanceof UnusablePair ? new StartRefused(error.message) : error;
    }
  }

  /**
   * Takes the data folder if it is needed. A process with external stores stores nothing on this machine
   * unless it has the role admin and no key of the operator's own.
   */
  private takeFolder(): DataFolder | undefined {
    const { eventStore, postgres, roles, access, dataDir } = this.settings;
    const embedded = eventStore.url === undefined || postgres.url === undefined;
    if (!embedded && (access.adminKey !== undefined || !roles.includes('admin'))) return undefined;
    const folder = takeDataFolder(dataDir);
    this.undo.push(() => folder.release());
    return folder;
  }

  private async startStores(folder: DataFolder | undefined): Promise<Stores> {
    const stores = await startStores(this.settings, folder, this.logger, this.onGiveUp);
    this.undo.push(() => stores.stop());
    return stores;
  }

  private async createApp(stores: Stores, parts: Parts): Promise<NestExpressApplication> {
    const store = parts.openEventStore(stores.eventStoreUrl, this.settings.eventStore.scope);
    this.undo.push(() => store.close());
    store.continuity.onReplaced(({ message }) => this.onGiveUp(message));
    const settings: Settings = {
      ...this.settings,
      eventStore: { ...this.settings.eventStore, url: stores.eventStoreUrl },
      postgres: { url: stores.postgresUrl },
    };
    const app = await parts.createApp(settings, store, this.logger);
    this.undo.push(() => closeApp(app, this.stopBegan + GRACE_MS - performance.now()));
    await app.init();
    parts.reportEngines(app, stores);
    return app;
  }

  private async listen(app: NestExpressApplication): Promise<string> {
    const { host, port } = this.settings.http;
    try {
      await app.listen(port, host);
    } catch (error) {
      throw cannotListen(this.settings.http, error);
    }
    const address = app.getHttpServer().address() as AddressInfo;
    const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${this.settings.http.tls ? 'https' : 'http'}://${shown}:${address.port}`;
  }
}

const toldOf = (access: AdminAccess | undefined, folder: DataFolder | undefined): Omit<Started, 'url'> => {
  if (access === undefined || access.kind === 'known') return {};
  if (access.kind !== 'new') return { adminKey: access.kind };
  return { newAdminKey: access.key, ...(folder && { newAdminKeyFile: folder.adminKey }) };
};

/**
 * Waits until the system is ready. Returns undefined, or after a while what is missing: a projection that has
 * stopped must not stop the rest.
 */
const untilReady = async (health: HealthRegistry, cut: AbortSignal): Promise<string | undefined> => {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const { ready, components } = health.report();
    if (ready) return undefined;
    if (Date.now() > deadline) return describe(components);
    await sleep(LOOK_MS, cut);
    cut.throwIfAborted();
  }
};

const describe = (components: ReturnType<HealthRegistry['report']>['components']): string =>
  Object.entries(components)
    .filter(([, { ready }]) => !ready)
    .map(([name, { detail }]) => (detail === undefined ? name : `${name} (${detail})`))
    .join(', ');
