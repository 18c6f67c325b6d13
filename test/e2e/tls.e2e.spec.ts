import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningProcess } from '#tools/harness/processes/running-process.js';
import { learnKey } from '#tools/harness/secrets/told-secrets.js';
import { environmentFor, makeHome } from '#tools/harness/system/home.js';
import type { Home } from '#tools/harness/system/home.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { makeCertificate } from '#test/support/refused-starts/certificates.js';
import type { Certificate } from '#test/support/refused-starts/certificates.js';

let folder: string;
let home: Home;
let served: Certificate;
let env: NodeJS.ProcessEnv;
let running: RunningProcess;
const sockets: Socket[] = [];

const statusOf = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${home.port}${path}`;
    request(url, { ca: served.certificate }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });

const start = async (): Promise<void> => {
  running = runVerbatim(['start'], env);
  await waitFor('Verbatim to be ready', () =>
    statusOf('/health/ready').then(
      (status) => status === 200,
      () => false,
    ),
  );
};

/** Resolves with a key for a bot, made by the command line, which knows only the settings of the server. */
const createBot = async (name: string): Promise<string> => {
  const command = runVerbatim(['bot', 'create', name], env);
  expect(await command.exited, command.output()).toMatchObject({ code: 0 });
  const key = /vb_bot\.\S+/.exec(command.output())![0];
  learnKey(key);
  return key;
};

type Said = Readonly<{ seq: number; body: string }>;

/** Connects a bot to the channel `general`. Resolves with what it hears there. */
const comeIn = async (key: string, transport: 'polling' | 'websocket') => {
  const socket = io(`https://127.0.0.1:${home.port}/bots`, {
    auth: { key },
    ca: served.certificate,
    transports: [transport],
    forceNew: true,
  });
  sockets.push(socket);
  /** Indexed by seq, because what was not acknowledged comes again after a kill. */
  const heard: string[] = [];
  const hear = ({ seq, body }: Said): void => void (heard[seq] = body);
  socket.on('message', hear);
  socket.on('backlog', ({ messages }: { messages: Said[] }, acknowledge: () => void) => {
    messages.forEach(hear);
    acknowledge();
  });
  await new Promise<void>((resolve) => socket.once('ready', () => resolve()));
  expect(await socket.emitWithAck('join', { channel: 'general' })).toMatchObject({ ok: true });
  const say = (body: string): Promise<unknown> =>
    socket.emitWithAck('post', { id: uuidv7(), channel: 'general', body });
  return { say, heard };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-tls-'));
  home = await makeHome();
  served = await makeCertificate(folder, 'served', ['127.0.0.1']);
  const keyFile = join(folder, 'served.key');
  await writeFile(keyFile, served.key, { mode: 0o600 });
  env = environmentFor(home, {
    VERBATIM_TLS_CERT_FILE: served.file,
    VERBATIM_TLS_KEY_FILE: keyFile,
    NODE_EXTRA_CA_CERTS: served.file,
  });
  await start();
});
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  running?.tree.kill();
  await running?.gone();
  await home?.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('a server with a certificate', () => {
  it('serves bots over both transports and the command line, and lets them catch up after a kill', async () => {
    const ada = await comeIn(await createBot('ada'), 'websocket');
    const bob = await comeIn(await createBot('bob'), 'polling');
    expect(await ada.say('over a WebSocket')).toMatchObject({ ok: true, seq: 0 });
    expect(await bob.say('over polling')).toMatchObject({ ok: true, seq: 1 });
    running.tree.kill();
    await running.gone();
    await start();
    expect(await ada.say('after the kill')).toMatchObject({ ok: true, seq: 2 });
    const all = ['over a WebSocket', 'over polling', 'after the kill'];
    await waitFor('both to be level', () => [ada, bob].every(({ heard }) => heard.length === all.length));
    for (const { heard } of [ada, bob]) expect(heard).toEqual(all);
  });

  it('with an untrusted certificate is not mistaken for a server that does not answer', async () => {
    const { NODE_EXTRA_CA_CERTS: _, ...distrusting } = env;
    const command = runVerbatim(['bot', 'create', 'eve'], distrusting);
    expect(await command.exited).toMatchObject({ code: 1 });
    expect(command.output()).toContain('is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)');
  });

  it('does not answer plain HTTP', async () => {
    await expect(fetch(`http://127.0.0.1:${home.port}/health/ready`)).rejects.toThrow('fetch failed');
  });
});
