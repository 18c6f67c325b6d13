import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';

const isRoot = process.getuid?.() === 0;
let base: string;
let running: EmbeddedPostgres[] = [];

/**
 * mkdtemp creates the parent folder with mode 0700 and ourselves as owner. It is closed to the user as which
 * root's server runs.
 */
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'verbatim-pg-'));
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  await rm(base, { recursive: true, force: true });
});

const start = async (dataDir = join(base, 'postgres'), port?: number): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({
    dataDir,
    log: () => {},
    ...(port === undefined ? {} : { port }),
  });
  running.push(server);
  return server;
};

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Starts a server in a process of its own (from the build), kills that process, and returns the id of the
 * server's process.
 */
const startElsewhereAndKill = async (dataDir: string): Promise<number> => {
  const script = `
    import { startEmbeddedPostgres } from '#libs/embedded-postgres/embedded-postgres.js';
    console.log((await startEmbeddedPostgres({ dataDir: process.argv[1], log: () => {} })).pid);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  return Number(line.toString());
};

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('the embedded PostgreSQL', () => {
  it('starts from nothing inside a closed folder, under any user, with UTF-8 and for this machine only', async () => {
    const { url, pid } = await start();
    expect(
      await query(url, "select current_database(), upper('àé'), current_setting('server_encoding')"),
    ).toEqual(['verbatim', 'ÀÉ', 'UTF8']);
    expect(
      await query(
        url,
        "select setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories')",
      ),
    ).toEqual(['127.0.0.1', '']);
    const owner = (await stat(`/proc/${pid}`)).uid;
    expect(isRoot ? owner !== 0 : owner === process.getuid?.()).toBe(true);
  });

  it('asks for its password, which only the owner can read', async () => {
    const { port } = await start();
    await expect(query(`postgres://verbatim:guess@127.0.0.1:${port}/verbatim`, 'select 1')).rejects.toThrow(
      /password/,
    );
    expect((await stat(join(base, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
  });

  it('keeps its data over a stop and a second start, and leaves no process behind', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42]);
  });

  it('starts again after it was killed, on the same port if asked', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    await query(first.url, 'checkpoint');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toBe('signal SIGKILL');
    const second = await start(undefined, first.port);
    expect(second.port).toBe(first.port);
    expect(await query(second.url, 'select answer from kept')).toEqual([42]);
  });

  it('stops by itself when the process that started it is killed', async () => {
    await (await start()).stop();
    const pid = await startElsewhereAndKill(join(base, 'postgres'));
    await until(() => !isAlive(pid));
  });

  it('tells a process that only waits for its end that it has ended', async () => {
    await (await start()).stop();
    const script = `
      import { startEmbeddedPostgres } from '#libs/embedded-postgres/embedded-postgres.js';
      const server = await startEmbeddedPostgres({ dataDir: process.argv[1], log: () => {} });
      process.kill(server.pid, 'SIGQUIT');
      console.log(await server.exited);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(base, 'postgres')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: 'exit code 0\n' });
  });

  it('takes over from a server that was left behind', async () => {
    const orphan = await start();
    const next = await start();
    expect(await orphan.exited).toBe('exit code 0');
    expect(await query(next.url, 'select 1')).toEqual([1]);
  });

  it('does not mistake another server on its port for its own, and takes the port once it is free', async () => {
    const other = await start(join(base, 'other'));
    const log: string[] = [];
    const starting = startEmbeddedPostgres({
      dataDir: join(base, 'postgres'),
      log: (line) => log.push(line),
      port: other.port,
    });
    await until(() => log.some((line) => line.includes('Address already in use')));
    await other.stop();
    const server = await starting;
    running.push(server);
    expect(server.port).toBe(other.port);
    expect(await query(server.url, 'select 1')).toEqual([1]);
  });

  it('is not misled by a lock file whose process id now belongs to another process', async () => {
    await (await start()).stop();
    const lock = join(base, 'postgres', 'cluster', 'postmaster.pid');
    await writeFile(lock, `${process.ppid}\n`);
    expect(await query((await start()).url, 'select 1')).toEqual([1]);
  });

  it('repeats a first start that was interrupted half way', async () => {
    const half = join(base, 'postgres', 'unfinished-abc123', 'cluster');
    await mkdir(half, { recursive: true });
    await writeFile(join(half, 'PG_VERSION'), '18\n');
    await start();
    expect((await readdir(join(base, 'postgres'))).toSorted()).toEqual(['cluster', 'password']);
  });
});

const refusal = async (dataDir: string): Promise<string> => {
  const error = await start(dataDir).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
};

describe('the embedded PostgreSQL says in one line', () => {
  it('that a folder is not its own, and leaves it alone', async () => {
    await writeFile(join(base, 'thesis.txt'), 'precious');
    expect(await refusal(base)).toBe(`The folder ${base} holds something other than Verbatim's PostgreSQL`);
    expect(await readdir(base)).toEqual(['thesis.txt']);
  });

  it('that the files are of another version', async () => {
    await mkdir(join(base, 'cluster'));
    await writeFile(join(base, 'cluster', 'PG_VERSION'), '17\n');
    await writeFile(join(base, 'password'), 'x');
    expect(await refusal(base)).toMatch(/are of version 17, not 18/);
    await writeFile(join(base, 'cluster', 'PG_VERSION'), '\0\0\0');
    expect(await refusal(base)).toMatch(/PG_VERSION is missing or damaged\. Move the folder away/);
  });

  it('that the password does not fit the files', async () => {
    await (await start(join(base, 'postgres'))).stop();
    await writeFile(join(base, 'postgres', 'password'), 'something else');
    expect(await refusal(join(base, 'postgres'))).toMatch(/not the one.*move .* away/);
    expect(await readFile(join(base, 'postgres', 'password'), 'utf8')).toBe('something else');
    await writeFile(join(base, 'postgres', 'password'), '');
    expect(await refusal(join(base, 'postgres'))).toMatch(/password is missing or empty\. Put it back/);
    expect(await readFile(join(base, 'postgres', 'password'), 'utf8')).toBe('');
    await rm(join(base, 'postgres', 'password'));
    expect(await refusal(join(base, 'postgres'))).toMatch(/password is missing or empty\. Put it back/);
    expect(await readdir(join(base, 'postgres'))).toEqual(['cluster']);
  });

  it('that the folder can’t be made', async () => {
    await writeFile(join(base, 'file'), '');
    expect(await refusal(join(base, 'file', 'below'))).toMatch(/can't be made \(ENOTDIR\)/);
  });
});
