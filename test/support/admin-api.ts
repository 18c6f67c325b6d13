import { Global, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminModule } from '#apps/admin/src/admin.module.js';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { ActTrail } from '#libs/access-trail/act-trail.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import { Directory } from '#libs/directory/directory.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';
import type { TestPostgres } from './postgres.js';
import { ANY_LOG, LogBuilder, MemoryLog, scratchDatabase } from './read-models.js';
import { waitFor } from '#tools/harness/wait-for.js';

export type Answer = Readonly<{
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { items: Record<string, unknown>[]; next?: string };
}>;

/** Runs the read-model API over a log in memory, with its projections and its own database. */
export class AdminApi {
  readonly build = new LogBuilder();
  private made = 0;

  private constructor(
    private readonly app: NestExpressApplication,
    readonly base: string,
    readonly log: MemoryLog,
    private readonly keys: Keys,
    private readonly recorded: Accesses,
    private readonly acted: Accesses,
    private readonly release: () => Promise<void>,
  ) {}

  /** Starts the API with projections that run on a new database. */
  static async start(postgres: TestPostgres): Promise<AdminApi> {
    const scratch = await scratchDatabase(postgres);
    const runners: ProjectionRunner[] = [];
    const api = await AdminApi.over(scratch.url, async () => {
      await Promise.all(runners.map((runner) => runner.stopProjection()));
      await scratch.close();
    });
    for (const projection of PROJECTIONS) {
      runners.push(new ProjectionRunner(projection, api.log, scratch.stores, { heartbeatMs: 50 }));
    }
    for (const runner of runners) runner.start();
    await waitFor('the projections', async () => (await api.get('/projections')).status === 200);
    return api;
  }

  /** Starts the API over whatever answers at this address, without projections. */
  static async over(postgresUrl: string, release = async (): Promise<void> => undefined): Promise<AdminApi> {
    const log = new MemoryLog();
    const keys = new Keys();
    const [accesses, acts] = [new Accesses(), new Accesses()];
    const app = await serve(postgresUrl, log, keys, accesses, acts);
    return new AdminApi(app, await app.getUrl(), log, keys, accesses, acts, release);
  }

  /** The reads that the access trail recorded. */
  get accesses(): readonly unknown[] {
    return this.recorded.all;
  }

  /** The admin acts that were recorded before they were done. */
  get acts(): readonly unknown[] {
    return this.acted.all;
  }

  /** Makes the key invalid from now on. */
  revoke(key: string): void {
    this.keys.revoked.add(key);
  }

  async stop(): Promise<void> {
    await this.app.get(LogFeed).close();
    await this.app.close();
    await this.release();
  }

  /** Appends an event to the log and returns its position. */
  happened(stream: string, type: string, data: object, at?: Date): string {
    this.log.append(this.build.add(stream, { type, data }, at));
    return this.head;
  }

  /** Appends a message to the log. */
  posted(channel: string, bot: string, body: string, at?: Date): { id: string; position: string } {
    const id = `0198f0aa-0000-7000-8000-${(this.made++).toString().padStart(12, '0')}`;
    return {
      id,
      position: this.happened(`messages-${channel}`, 'MessagePosted', { id, channel, bot, body }, at),
    };
  }

  /** The position of the last event. */
  get head(): string {
    return `${this.log.events.at(-1)?.position.commit ?? 0n}`;
  }

  async get(path: string, key: string | null = 'admin-key', prefix = '/v1'): Promise<Answer> {
    return this.ask(`${prefix}${path}`, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });
  }

  /** Asks for the answer only if its `ETag` is no longer this one. */
  async conditional(path: string, etag: string): Promise<Pick<Answer, 'status' | 'headers'>> {
    // Without a cache-control header, fetch would always ask for the whole answer.
    const headers = {
      authorization: 'Bearer admin-key',
      'if-none-match': etag,
      'cache-control': 'max-age=0',
    };
    return fetch(`${this.base}/v1${path}`, { headers });
  }

  async post(path: string, body?: object, key = 'admin-key'): Promise<Answer> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return this.ask(`/v1${path}`, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) });
  }

  private async ask(path: string, request: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.base}${path}`, request);
    const body = (await response.json()) as Answer['body'];
    return { status: response.status, headers: response.headers, body };
  }

  /** Asks for an answer that reflects everything that has happened so far. */
  async fresh(path: string): Promise<Answer> {
    return this.get(`${path}${path.includes('?') ? '&' : '?'}minPosition=${this.head}`);
  }
}

/** Keeps the recorded reads or acts in a list, in place of the stream for them. */
class Accesses {
  readonly all: unknown[] = [];

  async take(events: readonly NewEvent[]): Promise<AppendResult> {
    this.all.push(...events.map(({ data }) => data));
    return { revision: this.all.length - 1, position: LOG_START };
  }
}

class Keys implements Authenticator {
  readonly revoked = new Set<string>();

  authenticate(key: string) {
    if (this.revoked.has(key)) return undefined;
    if (key === 'admin-key') return { role: 'admin', keyId: 'k' } as const;
    if (key === 'other-admin-key') return { role: 'admin', keyId: 'other' } as const;
    return key === 'bot-key' ? ({ role: 'bot', bot: 'alice', keyId: 'k' } as const) : undefined;
  }
}

const serve = async (
  postgresUrl: string,
  log: MemoryLog,
  authenticator: Authenticator,
  accesses: Accesses,
  acts: Accesses,
): Promise<NestExpressApplication> => {
  const logger = createLogger({ level: 'silent' });
  const settings = loadSettings({ VERBATIM_POSTGRES_URL: postgresUrl });
  const feed = new LogFeed(log);
  const trail = new AccessTrail({ append: (_, events) => accesses.take(events) }, 'spec', logger);

  @Global()
  @Module({
    providers: [
      { provide: AUTHENTICATOR, useValue: authenticator },
      {
        provide: EventStore,
        useValue: { readStream: (stream: string) => log.readStream(stream), ...ANY_LOG },
      },
      { provide: LogFeed, useValue: feed },
      { provide: Directory, useValue: new Directory() },
      { provide: AccessTrail, useValue: trail },
      { provide: ActTrail, useValue: new ActTrail({ append: (_, events) => acts.take(events) }, 'spec') },
    ],
    exports: [AUTHENTICATOR, EventStore, LogFeed, Directory, AccessTrail, ActTrail],
  })
  class LogModule {}

  @Module({ imports: [PlatformModule.forRoot(settings, logger), LogModule, AdminModule] })
  class Root {}
  const app = await createHttpApp(Root, logger);
  await app.listen(0, '127.0.0.1');
  feed.start(LOG_START);
  return app;
};
