import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint } from '#libs/audit-log/checkpoint/checkpoint.js';
import { formatAddCheckpoint } from '#libs/audit-log/checkpoint/add-checkpoint.js';
import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import {
  cosignNote,
  formatSignature,
  parseNote,
  signersOf,
  timeOfCosignature,
} from '#libs/audit-log/note/note.js';
import {
  makeNoteKey,
  readNoteSigner,
  readNoteVerifier,
  type NoteVerifier,
} from '#libs/audit-log/note/note-key.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { ServedLog } from '#test/support/audit-log/served-log.js';
import { numberedTree } from '#test/support/audit-log/memory-tree.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { WitnessMemory } from './witness-memory.js';
import { witnessServer } from './witness-server.js';

const PACE = { events: 50, ms: 100 };
const NAME = 'witness.example/one';

const foreign = readNoteSigner(makeNoteKey(NAME).secret, 'cosignature');
const foreignLine = formatSignature(cosignNote('verbatim/other\n1\nroot\n', foreign, 1n));

let store: TestEventStore;
const folders: string[] = [];
const servers: Server[] = [];
const memories: WitnessMemory[] = [];
const audits: TestAudit[] = [];

beforeAll(async () => void (store = await startEventStore()));
afterAll(() => store?.stop());
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.stop();
  for (const server of servers.splice(0)) stop(server);
  for (const memory of memories.splice(0)) memory.close();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-witness-'));
  folders.push(folder);
  return folder;
};

const stop = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};

const listen = async (server: Server, port = 0): Promise<string> => {
  servers.push(server);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const openMemory = async (folder: string): Promise<WitnessMemory> => {
  const memory = await WitnessMemory.openMemory(folder, NAME);
  memories.push(memory);
  return memory;
};

const startWitness = async (memory: WitnessMemory, keys: readonly NoteVerifier[], port?: number) =>
  listen(witnessServer({ memory, keys, now: () => 1_700_000_000_000, say: () => undefined }), port);

const startAudit = async (witnesses: string, dataDir: string): Promise<TestAudit> => {
  const audit = await startTestAudit(store.connectionString, { dataDir, pace: PACE, witnesses });
  audits.push(audit);
  return audit;
};

const post = ({ store: log }: TestAudit): Promise<unknown> => log.append('bot-ada', [newEvent()], 'any');

const cosignersOf = async (audit: TestAudit, path: string, witness: NoteVerifier): Promise<number> => {
  const response = await new ServedLog(audit.url).request(path);
  if (!response.ok) return 0;
  const note = parseNote(await response.text());
  return signersOf(note, [witness]).length === 1 ? parseCheckpoint(note.text).size : 0;
};

describe('a log with a witness', () => {
  it(
    'shows its cosignatures, also after the witness was away, and never waits for it',
    { timeout: 60_000 },
    async () => {
      const [data, folder] = [await newFolder(), await newFolder()];
      const memory = await openMemory(folder);
      const { verifier } = memory.signer;
      const placeholder = createServer();
      const url = await listen(placeholder);
      stop(placeholder);
      const port = Number(new URL(url).port);

      const audit = await startAudit(`${url}/some/path#${verifier.text}`, data);
      await post(audit);
      const { size } = await waitFor('a checkpoint without the witness', () => audit.keeper.served);
      expect((await new ServedLog(audit.url).request('checkpoint/witnessed')).status).toBe(404);
      const key = readNoteVerifier(await new ServedLog(audit.url).text('key'));
      const server = await startWitness(memory, [key], port).then(() => servers.at(-1)!);
      for (const path of ['checkpoint', 'checkpoint/witnessed'])
        await waitFor(
          'a cosignature',
          async () => (await cosignersOf(audit, path, verifier)) >= size,
          20_000,
        );
      const note = parseNote(await new ServedLog(audit.url).text('checkpoint'));
      const cosignature = note.signatures.find(({ name }) => name === NAME)!;
      expect(timeOfCosignature(cosignature)).toBe(1_700_000_000n);

      stop(server);
      memory.close();
      const again = await openMemory(folder);
      expect(again.signer.verifier.text).toBe(verifier.text);
      expect(again.newest(key.name)!.size).toBeGreaterThanOrEqual(size);
      await post(audit);
      const later = await waitFor('a later checkpoint', () => {
        const { served } = audit.keeper;
        return served && served.size > size ? served : undefined;
      });
      expect(await cosignersOf(audit, 'checkpoint/witnessed', verifier)).toBeLessThan(later.size);
      await startWitness(again, [key], port);
      await waitFor(
        'the next cosignature',
        async () => (await cosignersOf(audit, 'checkpoint', verifier)) >= later.size,
        20_000,
      );

      // Another process of the role knows nothing of what the witness knows.
      await audit.stop();
      audits.splice(0);
      const restarted = await startAudit(`${url}#${verifier.text}`, data);
      await waitFor(
        'a cosignature for it',
        async () => (await cosignersOf(restarted, 'checkpoint', verifier)) >= later.size,
        20_000,
      );
    },
  );

  it.each<[string, RequestListener]>([
    ['answers nonsense', (_, response) => void response.end('— x y\n')],
    ['cosigns something else', (_, response) => void response.end(foreignLine)],
    ['never stops talking', (_, response) => talk(response)],
    [
      'sends us elsewhere',
      (_, response) => void response.writeHead(302, { location: '/add-checkpoint' }).end(),
    ],
    ['always knows another size', (_, response) => void response.writeHead(409).end('7\n')],
    ['knows what cannot be', (_, response) => void response.writeHead(409).end('999999999999999\n')],
    ['hangs up', (request) => void request.socket.destroy()],
    ['does not answer', () => undefined],
  ])('goes on with a witness that %s', async (_, listener) => {
    let asked = 0;
    const url = await listen(
      createServer((request, response) => {
        asked += 1;
        listener(request, response);
      }),
    );
    const own = await startEventStore();
    try {
      const audit = await startTestAudit(own.connectionString, {
        dataDir: await newFolder(),
        pace: PACE,
        witnesses: `${url}#${foreign.verifier.text}`,
      });
      audits.push(audit);
      await post(audit);
      const { size } = await waitFor('a checkpoint', () => audit.keeper.served);
      await waitFor('the witness to be asked', () => asked > 0);
      await post(audit);
      await waitFor('the next checkpoint', () => audit.keeper.served!.size > size);
      expect((await new ServedLog(audit.url).request('checkpoint/witnessed')).status).toBe(404);
      await audits.pop()!.stop();
    } finally {
      await own.stop();
    }
  });
});

const talk = (response: Parameters<RequestListener>[1]): void => {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(4_096)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};

describe('a witness', () => {
  const log = makeNoteKey('verbatim/spec').signer;
  const tree = numberedTree(9);
  const request = formatAddCheckpoint({
    oldSize: 0,
    proof: [],
    checkpoint: signCheckpoint(tree.heads[5]!, log),
  });

  it('cosigns nothing that it could not keep', async () => {
    const folder = await newFolder();
    const url = await startWitness(await openMemory(folder), [log.verifier]);
    await rm(folder, { recursive: true });
    const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: request });
    expect([response.status, await response.text()]).toEqual([500, 'The checkpoint could not be kept\n']);
  });

  it('tells what it knows to those who know something else, and takes no other road', async () => {
    const url = await startWitness(await openMemory(await newFolder()), [log.verifier]);
    const ask = (body: string, path = '/w/add-checkpoint', method = 'POST') =>
      fetch(`${url}${path}`, { method, ...(method === 'POST' && { body }) });
    expect((await ask(request)).status).toBe(200);
    const again = await ask(request);
    expect([again.status, again.headers.get('content-type'), await again.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '5\n',
    ]);
    expect((await ask('x'.repeat(70_000))).status).toBe(413);
    expect((await ask(request, '/else')).status).toBe(404);
    expect((await ask('', '/add-checkpoint', 'GET')).status).toBe(405);
  });

  it('does not start with a damaged memory, another name or a folder in use', async () => {
    const folder = await newFolder();
    const memory = await openMemory(folder);
    await expect(WitnessMemory.openMemory(folder, NAME)).rejects.toThrow(/in use/);
    memory.close();
    await expect(WitnessMemory.openMemory(folder, 'other.example')).rejects.toThrow(/its name is/);
    await writeFile(join(folder, 'newest-checkpoints.json'), '{"verbatim/spec":{"size":5}');
    await expect(WitnessMemory.openMemory(folder, NAME)).rejects.toThrow(/damaged/);
    await expect(WitnessMemory.openMemory(await newFolder(), undefined)).rejects.toThrow(/needs a name/);
  });
});
