import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { followKeyChanges, signRotation } from '#libs/audit-log/keys/key-change.js';
import { makeNoteKey, readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { MemoryTree } from '#test/support/audit-log/memory-tree.js';
import { ServedLog } from '#test/support/audit-log/served-log.js';
import { collect } from '#test/support/collect.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { forge } from '#test/support/forge.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { KeyFiles } from '../tree/key-files.js';
import type { DoneChange, KeyHistory } from './key-changes.js';

const PACE = { events: 50, ms: 100 };

let server: TestEventStore;
let folder: string;
const running: TestAudit[] = [];

beforeAll(async () => {
  server = await startEventStore();
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-keys-'));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const audit of running.splice(0)) await audit.stop();
});

const start = async (dataDir = folder): Promise<TestAudit> => {
  const audit = await startTestAudit(server.connectionString, { dataDir, pace: PACE });
  running.push(audit);
  return audit;
};

const stop = async (): Promise<void> => {
  for (const audit of running.splice(0)) await audit.stop();
};

const whenSigned = async (audit: TestAudit, key?: string) => {
  await audit.store.append('bot-ada', [newEvent()], 'any');
  return waitFor('a checkpoint', () => {
    const { tree, served } = audit.keeper;
    return tree?.unsigned === 0 && (key === undefined || served?.key === key) ? served : undefined;
  });
};

const ask = async (audit: TestAudit, method: string, path: string, key = 'admin-key'): Promise<Response> =>
  fetch(`${audit.url}/v1/audit/log/keys${path}`, { method, headers: { authorization: `Bearer ${key}` } });

const change = async (audit: TestAudit, kind: string): Promise<DoneChange> => {
  const response = await ask(audit, 'POST', kind);
  expect(response.status).toBe(200);
  return (await response.json()) as DoneChange;
};

const historyOf = async (audit: TestAudit): Promise<KeyHistory> =>
  (await (await ask(audit, 'GET', '', 'bot-key')).json()) as KeyHistory;

/** Returns how many checkpoints each key has signed, in order. All must fit the log. */
const signaturesOf = async (audit: TestAudit): Promise<readonly string[]> => {
  const { size } = await whenSigned(audit);
  const entries = await new ServedLog(audit.url).entries(size);
  const { heads } = new MemoryTree(entries);
  const events = await collect(audit.store.readStream(CHECKPOINTS_STREAM));
  const keys: string[] = [];
  for (const { type, data } of events) {
    if (type !== 'CheckpointSigned') continue;
    const { note, key } = data as { note: string; key: string };
    const opened = openCheckpoint(note, readNoteVerifier(key));
    if (opened.size <= size) expect(heads[opened.size]!.root).toEqual(opened.root);
    if (keys.at(-1) !== key) keys.push(key);
  }
  return keys;
};

/** These build on one another: one log and what becomes of its keys. */
describe('the key of the audit log', () => {
  let first: string;

  it('is rotated by a note that both keys have signed; the new key signs from then on', async () => {
    const audit = await start();
    ({ key: first } = await whenSigned(audit));
    const { from, to } = await change(audit, '/rotate');
    expect(from).toBe(first);
    expect(readNoteVerifier(to).name).toBe(readNoteVerifier(from).name);
    await whenSigned(audit, to);
    expect(await new ServedLog(audit.url).text('key')).toBe(`${to}\n`);
    const history = await historyOf(audit);
    expect(history).toMatchObject({ first, current: to });
    expect(followKeyChanges(first, history.changes)).toBe(to);
    expect(await signaturesOf(audit)).toEqual([first, to]);
    const files = await readdir(join(folder, 'audit-log'));
    expect(files.filter((name) => name.endsWith('.key'))).toEqual(['signing.key']);
    expect((await stat(join(folder, 'audit-log/signing.key'))).mode & 0o777).toBe(0o600);

    await stop();
    const again = await start();
    await whenSigned(again, to);
    expect((await historyOf(again)).changes).toHaveLength(1);
  });

  it('is the one that the log names, wherever the process died on the way to it', async () => {
    const before = await start();
    const { key } = await whenSigned(before);
    await stop();
    const files = new KeyFiles(join(folder, 'audit-log'));
    const unused = files.makeNextKey(readNoteVerifier(key).name);

    // It died before the event was appended: the old key signs on.
    const old = await start();
    await whenSigned(old, key);
    // It died after that, before the new key's file had its name.
    const signer = (await files.readSigningKey())!;
    await waitFor('the event to be appended', () => {
      const { seen } = old.keeper.tree!;
      return appendAt(old, signRotation(old.keeper.tree!.head(), signer, unused), seen.revision);
    });
    await whenSigned(old, unused.verifier.text);
    expect((await files.readSigningKey())!.verifier.text).toBe(unused.verifier.text);
    await stop();
    const again = await start();
    expect(await signaturesOf(again)).toEqual([first, key, unused.verifier.text]);
  });

  it('is not changed by a note that the valid key has not signed', async () => {
    const audit = await start();
    const { key, size, root } = await whenSigned(audit);
    const { name } = readNoteVerifier(key);
    const [a, b] = [makeNoteKey(name).signer, makeNoteKey(name).signer];
    for (const type of ['SigningKeyRotated', 'SigningKeyReplaced'])
      await forge(audit.store, CHECKPOINTS_STREAM, type, { note: signRotation({ size, root }, a, b) });
    await whenSigned(audit, key);
    expect(audit.keeper.tree!.seen.key).toBe(key);
  });

  it('is replaced when it is lost, and only then', async () => {
    const audit = await start();
    const { key } = await whenSigned(audit);
    const refused = await ask(audit, 'POST', '/replace');
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      409,
      'key_not_lost',
    ]);
    for (const other of ['auditor-key', 'bot-key'])
      expect((await ask(audit, 'POST', '/rotate', other)).status).toBe(403);
    await stop();
    await rm(join(folder, 'audit-log/signing.key'));
    const without = await start();
    await waitFor('trouble', () => without.keeper.trouble?.includes('is missing'));
    expect((await ask(without, 'POST', '/rotate')).status).toBe(503);
    const { from, to } = await change(without, '/replace');
    expect(from).toBe(key);
    expect(readNoteVerifier(to).name).not.toBe(readNoteVerifier(key).name);
    await whenSigned(without, to);
    const keys = await signaturesOf(without);
    expect(keys.slice(-2)).toEqual([key, to]);
    expect((await historyOf(without)).current).toBe(to);
  });

  it('has no unknown file in its way', async () => {
    await writeFile(join(folder, 'audit-log/next-00000000.key'), 'nonsense');
    const audit = await start();
    await whenSigned(audit);
    const { to } = await change(audit, '/rotate');
    await whenSigned(audit, to);
    expect(await readdir(join(folder, 'audit-log'))).not.toContain('next-00000000.key');
  });
});

/** Appends a rotation as the process would. Returns false when a checkpoint came in between. */
const appendAt = async (audit: TestAudit, note: string, revision: number): Promise<boolean> => {
  const event = { ...newEvent(), type: 'SigningKeyRotated', data: { note } };
  return audit.store.append(CHECKPOINTS_STREAM, [event], revision).then(
    () => true,
    () => false,
  );
};
