import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { encodeEntry } from '#libs/audit-log/entry/event-entry.js';
import { readNoteSigner } from '#libs/audit-log/note/note-key.js';
import { isInTree } from '#libs/domain/audit/tree-streams.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { MemoryTree } from '#test/support/audit-log/memory-tree.js';
import { ServedLog, tilePathsOf } from '#test/support/audit-log/served-log.js';
import { collect } from '#test/support/collect.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { forge } from '#test/support/forge.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** So that a spec does not wait ten seconds for each checkpoint. */
const PACE = { events: 50, ms: 100 };

let server: TestEventStore;
const folders: string[] = [];
const running: TestAudit[] = [];

beforeAll(async () => {
  server = await startEventStore();
});
afterAll(async () => {
  await server?.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});
afterEach(async () => {
  for (const audit of running.splice(0)) await audit.stop();
});

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-tree-'));
  folders.push(folder);
  return folder;
};

const start = async (dataDir: string, node = 'one'): Promise<TestAudit> => {
  const audit = await startTestAudit(server.connectionString, { dataDir, node, pace: PACE });
  running.push(audit);
  return audit;
};

const post = async ({ store }: TestAudit, stream: string, count = 1): Promise<void> => {
  const events = Array.from({ length: count }, (_, index) => newEvent(`${stream} ${index} é`));
  await store.append(stream, events, 'any');
};

/** Waits until a checkpoint covers everything in the log but later checkpoints. */
const whenSigned = (audit: TestAudit) =>
  waitFor('a checkpoint of everything', async () => {
    const wanted = (await entriesOf(audit)).length;
    const { tree, served } = audit.keeper;
    const isNewest = served !== undefined && served === tree?.seen.newest;
    return isNewest && tree.unsigned === 0 && tree.size >= wanted ? served : undefined;
  });

/** The entries of the log, by a plain read of the store. */
const entriesOf = async ({ store }: TestAudit): Promise<Buffer[]> => {
  const entries: Buffer[] = [];
  for await (const batch of store.readStored({ direction: 'forwards', from: 'start', follow: false }))
    entries.push(...batch.filter(({ stream }) => isInTree(stream)).map(encodeEntry));
  return entries;
};

/** One folder goes through the life of a log: these tests build on one another. */
describe('the audit log', () => {
  let folder: string;
  beforeAll(async () => (folder = await newFolder()));

  it('is not there before anything is signed', async () => {
    const audit = await start(folder);
    const response = await new ServedLog(audit.url).request('checkpoint');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'audit_log_unavailable', retryable: true });
  });

  it('holds the events of its streams, in the order of the log, and nothing else', async () => {
    const audit = await start(folder);
    for (const stream of [
      'messages-general',
      'presence-ada',
      'channel-general',
      'cursor-ada.default',
      'keys-admin',
    ])
      await post(audit, stream, 3);
    await post(audit, 'messages-general', 700);
    await audit.store.setStreamMetadata('messages-general', { maxCount: 1_000 });
    await post(audit, 'audit-access');
    await post(audit, 'bot-ada');
    await whenSigned(audit);
    const log = new ServedLog(audit.url);
    const { size, root, origin } = await log.checkpoint();
    expect(origin).toMatch(/^verbatim\/[0-9a-f]{16}$/);
    expect(size).toBeGreaterThanOrEqual(710);
    const entries = await log.entries(size);
    expect(entries).toEqual((await entriesOf(audit)).slice(0, size));
    const tree = new MemoryTree(entries);
    expect(tree.heads[size]!.root).toEqual(root);
    for (const path of tilePathsOf(size).filter((one) => !one.startsWith('entries'))) {
      const [level, index] = path.split('/') as [string, string];
      const from = Number.parseInt(index, 10) * 256;
      expect(await log.bytes(`tile/${path}`)).toEqual(
        Buffer.concat(tree.levels[Number(level)]!.slice(from, from + 256)),
      );
    }
  });

  it('has each checkpoint that was shown as an event of its own, and its key for nobody else', async () => {
    const audit = await start(folder);
    const { text } = await whenSigned(audit);
    const events = await collect(audit.store.readStream(CHECKPOINTS_STREAM));
    expect(events.map(({ data }) => (data as { note: string }).note)).toContain(text);
    const { mode } = await stat(join(folder, 'audit-log/signing.key'));
    expect(mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'audit-log'))).mode & 0o077).toBe(0);
  });

  it('signs nothing while nothing but checkpoints is new', async () => {
    const audit = await start(folder);
    await whenSigned(audit);
    const before = (await collect(audit.store.readStream(CHECKPOINTS_STREAM))).length;
    await waitFor('some looks around', () => audit.keeper.tree !== undefined);
    const size = audit.keeper.tree!.size;
    await post(audit, 'presence-ada');
    await post(audit, 'bot-ada');
    await whenSigned(audit);
    const after = (await collect(audit.store.readStream(CHECKPOINTS_STREAM))).length;
    expect(after).toBe(before + 1);
    expect(audit.keeper.tree!.size).toBe(size + 2);
  });

  it('refuses paths of no tile, tiles beyond the checkpoint, and bots', async () => {
    const audit = await start(folder);
    const { size } = await whenSigned(audit);
    const log = new ServedLog(audit.url);
    const beyond = [
      `tile/0/00${Math.floor(size / 256) + 1}`,
      'tile/1/001',
      'tile/6/000',
      'tile/entries/x001/000',
    ];
    for (const path of [...beyond, 'tile/', 'tile/0', 'tile/0/000.p/0', 'tile/0/..%2f000', 'tile/0/000/']) {
      const response = await log.request(path);
      expect([path, response.status]).toEqual([path, 404]);
    }
    for (const path of ['checkpoint?x=1', 'key?size=1', 'tile/0/000?x'])
      expect((await log.request(path)).status).toBe(400);
    for (const path of ['checkpoint', 'key', 'tile/0/000'])
      expect((await new ServedLog(audit.url, 'bot-key').request(path)).status).toBe(403);
  });

  it('goes on from what is on disk, and is the same when that is thrown away', async () => {
    const first = await start(folder);
    const signed = await whenSigned(first);
    await first.stop();
    running.splice(0);
    const again = await start(folder);
    const { root } = await whenSigned(again);
    expect(root).toEqual(signed.root);
    await again.stop();
    running.splice(0);
    await rm(join(folder, 'audit-log/tree.json'));
    await rm(join(folder, 'audit-log/level-0'));
    const rebuilt = await start(folder);
    expect((await whenSigned(rebuilt)).root).toEqual(signed.root);
  });

  it.each(['tree.json', 'level-0', 'places'])(
    'is built again when %s is damaged or cut off',
    async (name) => {
      const file = join(folder, 'audit-log', name);
      const whole = await readFile(file);
      const damaged = Buffer.from(whole);
      damaged[Math.floor(whole.length / 2)]! ^= 0x10;
      for (const bytes of [whole.subarray(0, 10), name === 'places' ? whole.subarray(0, -1) : damaged]) {
        await writeFile(file, bytes);
        const audit = await start(folder);
        const { size, root } = await whenSigned(audit);
        expect(new MemoryTree((await entriesOf(audit)).slice(0, size)).heads[size]!.root).toEqual(root);
        await audit.stop();
        running.splice(0);
      }
    },
  );

  it('says so when the store no longer holds what the tree was made of', async () => {
    const audit = await start(folder);
    await whenSigned(audit);
    const file = join(folder, 'audit-log/places');
    const places = await readFile(file);
    await audit.stop();
    running.splice(0);
    places.copy(places, 256 * 8, 257 * 8, 258 * 8);
    await writeFile(file, places);
    const other = await start(folder);
    await whenSigned(other);
    const response = await new ServedLog(other.url).request('tile/entries/001');
    expect(response.ok).toBe(false);
    await rm(file);
  });

  it('is signed by one of two processes with its key, and by none with another', async () => {
    const one = await start(folder);
    const signed = await whenSigned(one);
    const [twin, stranger] = [await newFolder(), await newFolder()];
    const strange = await start(stranger, 'three');
    await waitFor('the stranger to stand aside', () =>
      strange.keeper.trouble?.includes('signing.key is missing'),
    );
    const key = await readFile(join(folder, 'audit-log/signing.key'), 'utf8');
    await mkdir(join(twin, 'audit-log'), { mode: 0o700 });
    await writeFile(join(twin, 'audit-log/signing.key'), key, { mode: 0o600 });
    const two = await start(twin, 'two');
    for (let round = 0; round < 20; round += 1) await post(one, 'messages-general', 60);
    const [a, b, c] = [await whenSigned(one), await whenSigned(two), await whenSigned(strange)];
    expect(a.size).toBeGreaterThan(signed.size);
    expect([b.root, c.root]).toEqual([a.root, a.root]);
    const entries = await entriesOf(one);
    const tree = new MemoryTree(entries);
    const { verifier } = readNoteSigner(key);
    for (const { data } of await collect(one.store.readStream(CHECKPOINTS_STREAM))) {
      const { note } = data as { note: string };
      const [origin, size, root] = note.split('\n') as [string, string, string];
      expect(origin).toBe(verifier.name);
      expect(tree.heads[Number(size)]!.root.toString('base64')).toBe(root);
    }
  });

  it('is taken over by the other process when the first one is silent', async () => {
    const twin = folders.at(-2)!;
    const two = await start(twin, 'two');
    await post(two, 'bot-ada');
    await whenSigned(two);
    expect(two.keeper.served!.node).toBe('two');
  });

  it('overlooks an event that holds no checkpoint under its key', async () => {
    const audit = await start(folder);
    const { size } = await whenSigned(audit);
    await forge(audit.store, CHECKPOINTS_STREAM, 'CheckpointSigned', { note: 'x\n1\n', key: 'x' });
    await forge(audit.store, CHECKPOINTS_STREAM, 'Other', {});
    await post(audit, 'bot-ada');
    expect((await whenSigned(audit)).size).toBeGreaterThan(size);
  });

  it('is never signed again once another log was signed with its key', async () => {
    const audit = await start(folder);
    const { size } = await whenSigned(audit);
    const key = readNoteSigner(await readFile(join(folder, 'audit-log/signing.key'), 'utf8'));
    const note = signCheckpoint({ size, root: Buffer.alloc(32, 1) }, key);
    await forge(audit.store, CHECKPOINTS_STREAM, 'CheckpointSigned', { note, key: key.verifier.text });
    await waitFor('trouble', () => audit.keeper.trouble?.includes('that is not of this log'));
    const before = (await collect(audit.store.readStream(CHECKPOINTS_STREAM))).length;
    await post(audit, 'messages-general', 100);
    await audit.stop();
    running.splice(0);
    const again = await start(folder);
    await waitFor('trouble', () => again.keeper.trouble?.includes('that is not of this log'));
    expect((await collect(again.store.readStream(CHECKPOINTS_STREAM))).length).toBe(before);
    expect((await new ServedLog(again.url).request('checkpoint')).status).toBe(503);
  });
});

describe('a log that was restored from a copy', () => {
  it('is not signed by a process that knows a checkpoint of the events that are gone', async () => {
    const own = await startEventStore();
    try {
      const folder = await newFolder();
      const open = async (): Promise<TestAudit> => {
        const audit = await startTestAudit(own.connectionString, { dataDir: folder, pace: PACE });
        running.push(audit);
        return audit;
      };
      const audit = await open();
      await post(audit, 'bot-ada', 3);
      await whenSigned(audit);
      await audit.stop();
      await own.keepCopy();
      const later = await open();
      await post(later, 'bot-ada', 3);
      const { size } = await whenSigned(later);
      await later.stop();
      running.splice(0);
      await own.restoreCopy();
      const restored = await open();
      await waitFor('trouble', () =>
        restored.keeper.trouble?.includes(`A checkpoint of ${size} leaves was signed`),
      );
      await post(restored, 'bot-ada', 100);
      expect((await new ServedLog(restored.url).request('checkpoint')).status).toBe(503);
      expect(await collect(restored.store.readStream(CHECKPOINTS_STREAM))).toHaveLength(1);
    } finally {
      for (const audit of running.splice(0)) await audit.stop();
      await own.stop();
    }
  });
});
