import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessDeniedError, EventStoreDBClient } from '@eventstore/db-client';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { accessOfNode, keepAccess } from '../access/store-access.js';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '../embedded-event-store.js';
import { collect, events, streamName } from './store-harness.js';

let dataDir: string;
let lines: string[];
/** Warnings of this process since the first test. Node reports each one only once. */
const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));
beforeEach(async () => {
  dataDir = path.join(await mkdtemp(path.join(tmpdir(), 'event-store-own-')), 'data');
  lines = [];
});
afterEach(() => rm(path.dirname(dataDir), { recursive: true, force: true }));

const file = (name: string): string => path.join(dataDir, 'access', name);
const start = (secure = true): Promise<EmbeddedEventStore> =>
  startEmbeddedEventStore({ dataDir, secure, warn: (line) => lines.push(line) });
const runOnce = async (secure = true): Promise<void> => (await start(secure)).close();

const connect = (connectionString: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(connectionString);
  onTestFinished(() => client.dispose());
  return client;
};

/** Checks that a client with the connection string gets in. */
const lets = async ({ connectionString }: Pick<EmbeddedEventStore, 'connectionString'>): Promise<void> => {
  const client = connect(connectionString);
  const stream = streamName();
  await client.appendToStream(stream, events(2));
  expect(await collect(client.readStream(stream))).toHaveLength(2);
};

describe('a store that makes its own credentials', () => {
  it('serves clients that have its files, found directly or by discovery, and nobody else', async () => {
    const store = await start();
    onTestFinished(() => store.close());
    await lets(store);
    await lets({ connectionString: store.connectionString.replace('esdb:', 'esdb+discover:') });
    const { password } = accessOfNode(dataDir);
    for (const instead of ['changeit', `${password}x`, password.slice(1)]) {
      const client = connect(store.connectionString.replace(password, instead));
      await expect(client.appendToStream('s', events(1))).rejects.toBeInstanceOf(AccessDeniedError);
    }
    const without = connect(store.connectionString.replace(/admin:[^@]*@/u, ''));
    await expect(collect(without.readAll())).rejects.toBeInstanceOf(AccessDeniedError);
    const plain = connect(`esdb://127.0.0.1:${store.port}?tls=false`);
    await expect(collect(plain.readAll())).rejects.toMatchObject({ code: 14 });
    expect(lines).toEqual([]);
  });

  it('is reached by a name, so that Node does not warn', async () => {
    const store = await start();
    onTestFinished(() => store.close());
    await lets({ connectionString: store.connectionString.replace('esdb:', 'esdb+discover:') });
    expect(warnings).toEqual([]);
  });

  it('keeps them when it restarts, readable only for its owner', async () => {
    const before = process.umask(0);
    try {
      await runOnce();
    } finally {
      process.umask(before);
    }
    const first = accessOfNode(dataDir);
    await chmod(file('password'), 0o644);
    await chmod(file(''), 0o755);
    await runOnce();
    expect(accessOfNode(dataDir)).toEqual(first);
    expect((await readdir(file(''))).toSorted()).toEqual(['certificate.pem', 'key.pem', 'password']);
    for (const name of ['certificate.pem', 'key.pem', 'password'])
      expect((await stat(file(name))).mode & 0o777).toBe(0o600);
    expect((await stat(file(''))).mode & 0o777).toBe(0o700);
    expect(lines).toEqual([]);
  });

  it('makes them silently for a folder that has none, and for one where a start was killed while making them', async () => {
    await runOnce(false);
    await runOnce();
    await serves();
    await rename(path.join(dataDir, 'access'), `${path.join(dataDir, 'access')}.draft`);
    await rm(`${path.join(dataDir, 'access')}.draft/key.pem`);
    await runOnce();
    expect(lines).toEqual([]);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('access'))).toEqual(['access']);
  });

  it.each([
    ['password is deleted', 'missing', () => rm(file('password'))],
    ['password is cut', 'password', () => writeFile(file('password'), 'short\n')],
    ['password is empty', 'password', () => writeFile(file('password'), '')],
    ['certificate is deleted', 'missing', () => rm(file('certificate.pem'))],
    ['certificate is damaged', 'damaged', () => writeFile(file('certificate.pem'), 'nothing')],
    ['key is damaged', 'damaged', () => writeFile(file('key.pem'), Buffer.alloc(300))],
    ['key is a folder', 'missing', () => rm(file('key.pem')).then(() => mkdir(file('key.pem')))],
    ['key is that of another', 'not the one', () => replacePair(['key.pem'], 400)],
    ['certificate expires soon', 'expires', () => replacePair(['key.pem', 'certificate.pem'], 30)],
    [
      'folder is a file',
      'missing',
      () => rm(file(''), { recursive: true }).then(() => writeFile(file(''), '')),
    ],
    ['folder is empty', 'missing', () => rm(file(''), { recursive: true }).then(() => mkdir(file('')))],
  ])('makes new ones when the %s, and says so once', async (_, why, damage) => {
    await runOnce();
    const first = accessOfNode(dataDir);
    await damage();
    await serves();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(why);
    expect(lines[0]).toContain(file('').replace(/\/$/u, ''));
    const second = accessOfNode(dataDir);
    expect(second.password).not.toBe(first.password);
    for (const secret of [first.password, second.password]) expect(lines[0]).not.toContain(secret);
    await runOnce();
    expect(lines).toHaveLength(1);
  });

  it('accepts the operator’s own password, with any characters', async () => {
    await runOnce();
    await writeFile(file('password'), 'pa/ss:w@rd?#&% -16chars'.replace(' ', ''));
    await serves();
    expect(lines).toEqual([]);
  });

  it('restores those that its clients know', async () => {
    await runOnce();
    const known = accessOfNode(dataDir);
    await rm(file('key.pem'));
    keepAccess(dataDir, known);
    expect(accessOfNode(dataDir)).toEqual(known);
    const inode = (await stat(file('key.pem'))).ino;
    keepAccess(dataDir, known);
    expect((await stat(file('key.pem'))).ino).toBe(inode);
    await serves();
    expect(lines).toEqual([]);
  });

  it('goes along with a copy of its folder', async () => {
    await runOnce();
    const copy = path.join(path.dirname(dataDir), 'copy');
    await cp(dataDir, copy, { recursive: true });
    const store = await startEmbeddedEventStore({ dataDir: copy, secure: true });
    onTestFinished(() => store.close());
    expect(accessOfNode(copy)).toEqual(accessOfNode(dataDir));
    await lets(store);
  });

  it('refuses other credentials at the same time', async () => {
    const tls = { certificate: 'x', key: 'y' };
    await expect(startEmbeddedEventStore({ dataDir, secure: true, tls })).rejects.toThrow(/Either/u);
  });
});

/** Starts on the folder, and checks that a client with the connection string gets in. */
const serves = async (): Promise<void> => {
  const store = await start();
  try {
    await lets(store);
  } finally {
    await store.close();
  }
};

/** Replaces files with those of another certificate for localhost, valid for this many days. */
const replacePair = async (names: readonly string[], days: number): Promise<void> => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + days * 86_400_000),
  });
  const texts: Record<string, string> = { 'certificate.pem': made.cert, 'key.pem': made.private };
  for (const name of names) await writeFile(file(name), texts[name]!);
  expect(await readFile(file(names[0]!), 'utf8')).toBe(texts[names[0]!]);
};
