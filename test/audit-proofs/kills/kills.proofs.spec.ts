import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isInTree } from '#libs/domain/audit/tree-streams.js';
import { encodeEntry } from '#libs/audit-log/entry/event-entry.js';
import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { openKeyChange } from '#libs/audit-log/keys/key-change.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import { parseCheckpoint } from '#libs/audit-log/checkpoint/checkpoint.js';
import { parseNote } from '#libs/audit-log/note/note.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { MemoryTree } from '#test/support/audit-log/memory-tree.js';
import { collect } from '#test/support/collect.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';

const MAIN = join(import.meta.dirname, '../../../dist/test/audit-proofs/kills/audit-process.js');
const ROUNDS = Number(process.env['VERBATIM_AUDIT_KILLS'] ?? 10);

let server: TestEventStore;
let store: EventStore;
let folder: string;
const children = new Set<ChildProcess>();
const shown: string[] = [];
/** The processes that have shown a checkpoint, and so have caught up with the log. */
const showing = new Set<ChildProcess>();

beforeAll(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-kills-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await store?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const startProcess = (name: string): ChildProcess => {
  const args = [MAIN, server.connectionString, join(folder, name), name];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(child.stdout).on('line', (line) => {
    shown.push(JSON.parse(line) as string);
    showing.add(child);
  });
  children.add(child);
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  children.delete(child);
};

const post = (count: number): Promise<unknown> =>
  store.append(
    'messages-general',
    Array.from({ length: count }, () => newEvent('x'.repeat(200))),
    'any',
  );

it(`two processes that are killed ${ROUNDS} times, with the store, while their key is changed too, sign no two logs and show nothing else`, async () => {
  const first = startProcess('one');
  await post(30);
  await waitFor('the first checkpoint', () => shown.length > 0, 30_000);
  await mkdir(join(folder, 'two'), { mode: 0o700 });
  await cp(join(folder, 'one/signing.key'), join(folder, 'two/signing.key'));
  let pair = [first, startProcess('two')];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = shown.length;
    const posting = (async () => {
      for (let batch = 0; batch < 40; batch += 1) await post(1 + (batch % 37));
    })().catch(() => undefined);
    await waitFor('a checkpoint in this round', () => shown.length > before, 60_000, 1);
    await new Promise((resolve) => setTimeout(resolve, (round * 7) % 40)); // the moment of the kill
    if (round % 2 === 1) {
      await waitFor('the first process', () => showing.has(pair[0]!), 60_000, 1);
      const changes = (await changesOfKey()).length;
      pair[0]!.kill('SIGUSR2');
      // Every other time the change is in the log when the process dies, else anywhere on the way to it.
      if (round % 4 === 1)
        await waitFor('the change of the key', async () => (await changesOfKey()).length > changes, 60_000);
      else await new Promise((resolve) => setTimeout(resolve, (round * 3) % 25)); // the moment of the kill after it
    }
    const withStore = round % 3 === 2;
    await Promise.all([...pair.map(kill), ...(withStore ? [server.kill()] : [])]);
    if (withStore) await server.restart();
    await posting;
    pair = [startProcess('one'), startProcess('two')];
  }
  await post(5);
  await waitFor(
    'the last checkpoint',
    async () => {
      const notes = await signedNotes();
      return shown.at(-1) === notes.at(-1) && notes.length > ROUNDS;
    },
    60_000,
  );
  const notes = await signedNotes();
  expect(shown.filter((note) => !notes.includes(note))).toEqual([]);
  expect((await changesOfKey()).length).toBeGreaterThan(0);
  const entries: Buffer[] = [];
  for await (const batch of store.readStored({ direction: 'forwards', from: 'start', follow: false }))
    entries.push(...batch.filter(({ stream }) => isInTree(stream)).map(encodeEntry));
  const { heads } = new MemoryTree(entries);
  for (const note of notes) {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    expect([size, heads[size]!.root]).toEqual([size, root]);
  }
}, 600_000);

const signedNotes = async (): Promise<string[]> => {
  let key: string | undefined;
  const notes: string[] = [];
  for (const { type, data } of await collect(store.readStream(CHECKPOINTS_STREAM))) {
    const { note, key: signedBy } = data as { note: string; key: string };
    if (type === 'SigningKeyRotated') {
      key = openKeyChange(note, key!).to;
      continue;
    }
    key ??= signedBy;
    openCheckpoint(note, readNoteVerifier(key));
    notes.push(note);
  }
  return notes;
};

const changesOfKey = async (): Promise<unknown[]> =>
  (await collect(store.readStream(CHECKPOINTS_STREAM))).filter(({ type }) => type === 'SigningKeyRotated');
