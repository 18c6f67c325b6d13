import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/embedded-postgres/embedded-postgres.js';
import { signal } from '../processes/process-tree.js';

/** A real PostgreSQL started by this process on a temporary folder. It keeps its port, so that URLs stay valid. */
export class TestPostgresServer {
  private constructor(
    private readonly folder: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<TestPostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-pg-'));
    await chmod(folder, 0o755); // the server's own user needs access
    return new TestPostgresServer(folder, await launch(folder));
  }

  /** The URL, including the password. */
  get url(): string {
    return this.server.url;
  }

  /** Creates a new, empty database. @returns its URL */
  async createDatabase(): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    return new URL(`/${name}`, this.url).href;
  }

  /** Stops the server as if it had crashed (`kill -9`), or cleanly. */
  async stopServer(how?: 'crash'): Promise<void> {
    if (how === 'crash') process.kill(this.server.pid, 'SIGKILL');
    else await this.server.stop();
    await this.server.exited;
  }

  /** Starts the server again after {@link stopServer}. */
  async restart(): Promise<void> {
    this.server = await launch(this.folder, this.server.port);
  }

  /** Ends the server at once and removes its data, without writing them to disk first: nobody needs them any more. */
  async remove(): Promise<void> {
    signal(this.server.pid, 'SIGQUIT');
    await this.server.exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}

const launch = (folder: string, port?: number): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    log: () => {},
    ...(port === undefined ? {} : { port }),
  });
