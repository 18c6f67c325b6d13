import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessOfNode } from '../access/store-access.js';
import { startEmbeddedEventStore } from '../embedded-event-store.js';
import { collect, events, numbers, revisions, streamName } from './store-harness.js';

const root = path.resolve(import.meta.dirname, '../../..');
let work: string;
let main: string;
const running = new Set<ChildProcessWithoutNullStreams>();

/** The process runs a build of these sources, in a folder of its own so that no other build is disturbed. */
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'event-store-process-'));
  const swc = path.join(root, 'node_modules/.bin/swc');
  const built = spawnSync(
    swc,
    [
      'libs/embedded-event-store',
      'libs/protobuf',
      'libs/time',
      '--out-dir',
      path.join(work, 'dist'),
      '--quiet',
    ],
    { cwd: root },
  );
  expect(built.status).toBe(0);
  await copyFile(path.join(root, 'package.json'), path.join(work, 'package.json'));
  await symlink(path.join(root, 'node_modules'), path.join(work, 'node_modules'));
  main = path.join(work, 'dist/libs/embedded-event-store/main.js');
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rm(work, { recursive: true, force: true }));

const launch = (args: readonly string[]): ChildProcessWithoutNullStreams => {
  const child = spawn(process.execPath, [main, ...args]);
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
};

/** Starts the process and waits until it serves. */
const serve = async (
  data: string,
  ...more: string[]
): Promise<{ child: ChildProcessWithoutNullStreams; connectionString: string }> => {
  const child = launch(['--data', data, '--port', '0', ...more]);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { ready, port } = JSON.parse(line) as { ready: boolean; port: number };
  expect(ready).toBe(true);
  return { child, connectionString: `esdb://127.0.0.1:${port}?tls=false` };
};

/** Runs a start that must fail. */
const failToStart = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
  const child = launch(args);
  let text = '';
  child.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, lines: text.trimEnd().split('\n') };
};

const exitCode = async (child: ChildProcessWithoutNullStreams): Promise<unknown> =>
  (await once(child, 'exit'))[0];

describe('the process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s and leaves the folder free', async (signal) => {
    const data = path.join(work, signal);
    const { child } = await serve(data);
    child.kill(signal);
    expect(await exitCode(child)).toBe(0);
    expect(await readdir(data)).not.toContain('lock');
    expect((await stat(data)).mode & 0o777).toBe(0o700);
  });

  it('ends with its parent when told so', async () => {
    const { child } = await serve(path.join(work, 'parent'), '--with-parent');
    child.stdin.end();
    expect(await exitCode(child)).toBe(0);
  });

  it.each([
    ['nothing', [], [/^event store: warning: it asks for no password: every user .*--secure/u]],
    ['an address for others', ['--host', '0.0.0.0'], [/^event store: WARNING! .* EVERYBODY WHO REACHES/u]],
    ['--secure', ['--secure'], []],
    ['--secure for others', ['--secure', '--host', '0.0.0.0'], []],
  ])(
    'says before it serves who gets in without a password, when started with %s',
    async (name, args, expected) => {
      const child = launch(['--data', path.join(work, `door-${name}`), '--port', '0', ...args]);
      let words = '';
      child.stderr.on('data', (piece: Buffer) => (words += piece.toString()));
      await once(createInterface(child.stdout), 'line');
      child.kill('SIGTERM');
      await once(child, 'close');
      expect(words.split('\n').filter(Boolean)).toEqual(
        expected.map((line) => expect.stringMatching(line) as string),
      );
    },
  );

  it.runIf(process.platform === 'linux')('keeps its password out of arguments and variables', async () => {
    const data = path.join(work, 'quiet');
    const { child } = await serve(data, '--secure');
    const { password, key } = accessOfNode(data);
    for (const file of ['cmdline', 'environ']) {
      const told = readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
      expect(told).not.toContain(password);
      expect(told).not.toContain(key.split('\n')[1]);
    }
  });

  it('refuses a folder that another process or this one uses, in one line', async () => {
    const data = path.join(work, 'in-use');
    const { child } = await serve(data);
    const second = await failToStart('--data', data, '--port', '0');
    expect(second).toEqual({ code: 1, lines: [expect.stringMatching(/in use by another event store/u)] });
    await expect(startEmbeddedEventStore({ dataDir: data })).rejects.toThrow(/in use/u);
    child.kill('SIGKILL');
    await exitCode(child);
    const store = await startEmbeddedEventStore({ dataDir: data });
    await expect(startEmbeddedEventStore({ dataDir: data })).rejects.toThrow(/in use/u);
    await store.close();
  });

  it('refuses a folder that is not its own, and touches nothing in it', async () => {
    const foreign = path.join(work, 'foreign');
    await mkdir(foreign, { mode: 0o755 });
    await writeFile(path.join(foreign, 'thesis.txt'), 'x');
    const refused = await failToStart('--data', foreign, '--port', '0');
    expect(refused).toEqual({
      code: 1,
      lines: [expect.stringMatching(/not an event store's: it holds thesis\.txt/u)],
    });
    expect(await readdir(foreign)).toEqual(['thesis.txt']);
    expect((await stat(foreign)).mode & 0o777).toBe(0o755);
  });

  it('refuses data of another format', async () => {
    const newer = path.join(work, 'newer');
    await mkdir(newer);
    await writeFile(path.join(newer, 'format.json'), '{"kind":"embedded-event-store","format":99}');
    const refused = await failToStart('--data', newer, '--port', '0');
    expect(refused).toEqual({
      code: 1,
      lines: [expect.stringMatching(/format 99, this version reads format 2/u)],
    });
  });

  it('refuses an impossible folder, a port in use and missing arguments', async () => {
    const file = path.join(work, 'file');
    await writeFile(file, '');
    const noFolder = await failToStart('--data', path.join(file, 'x'), '--port', '0');
    expect(noFolder).toEqual({ code: 1, lines: [expect.stringMatching(/Cannot use the data folder/u)] });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const data = path.join(work, 'taken');
    const noPort = await failToStart('--data', data, '--port', String(port));
    expect(noPort).toEqual({ code: 1, lines: [expect.stringMatching(/Cannot listen on 127\.0\.0\.1:\d+/u)] });
    expect(await readdir(data)).not.toContain('lock');
    taken.close();
    expect((await failToStart('--port', '0')).lines).toEqual([expect.stringMatching(/--data/u)]);
  });

  it('says that files of the log are missing', async () => {
    const data = path.join(work, 'missing');
    const store = await startEmbeddedEventStore({ dataDir: data });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    await client.appendToStream(streamName(), events(1));
    await client.dispose();
    await store.close();
    const log = (await readdir(data)).find((name) => name.endsWith('.log'))!;
    await rm(path.join(data, log));
    const refused = await failToStart('--data', data, '--port', '0');
    expect(refused).toEqual({
      code: 1,
      lines: [expect.stringMatching(/damaged: its first file, \S+\.log, is not in/u)],
    });
  });
});

describe('SIGKILL during concurrent appends', () => {
  it('loses no acknowledged event and leaves no gap, round after round', async () => {
    const data = path.join(work, 'killed');
    const stream = streamName('killed');
    const answered = new Set<number>();
    let next = 0;
    for (let round = 0; round < 4; round += 1) {
      const { child, connectionString } = await serve(data);
      const client = EventStoreDBClient.connectionString(connectionString);
      const write = async (): Promise<void> => {
        for (;;) {
          const first = next;
          next += 10;
          await client.appendToStream(stream, events(10, first));
          for (let i = first; i < first + 10; i += 1) answered.add(i);
        }
      };
      const enough = answered.size + 300;
      const writers = Promise.allSettled(Array.from({ length: 8 }, write));
      await expect.poll(() => answered.size, { interval: 5, timeout: 20_000 }).toBeGreaterThan(enough);
      child.kill('SIGKILL');
      await exitCode(child);
      await writers;
    }
    const store = await startEmbeddedEventStore({ dataDir: data });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const stored = await collect(client.readStream(stream));
    const all = await collect(client.readAll());
    await client.dispose();
    await store.close();
    expect(revisions(stored)).toEqual(stored.map((_, i) => BigInt(i)));
    expect(revisions(all)).toEqual(revisions(stored));
    const found = new Set(numbers(stored));
    expect(found.size).toBe(stored.length);
    expect([...answered].filter((number) => !found.has(number))).toEqual([]);
    expect(answered.size).toBeGreaterThan(1200);
  });
});
