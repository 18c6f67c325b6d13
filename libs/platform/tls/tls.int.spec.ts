import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { Module } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { makeCertificate } from '#test/support/refused-starts/certificates.js';
import type { Certificate } from '#test/support/refused-starts/certificates.js';
import { documentedRefusals } from '#test/support/refused-starts/documented-refusals.js';
import { loadSettings } from '../config/settings.js';
import { createHttpApp } from '../http/create-http-app.js';
import { createLogger } from '../logging/logger.js';
import { PlatformModule } from '../platform.module.js';
import { readTlsPair } from './tls-pair.js';
import type { TlsFiles } from './tls-pair.js';

/** Lets everybody in. */
@WebSocketGateway({ namespace: '/room' })
class RoomGateway {}

const STRANGERS = 20;
const logger = createLogger({ level: 'silent' });

@Module({
  imports: [
    PlatformModule.forRoot(loadSettings({ VERBATIM_STRANGERS_PER_ADDRESS: String(STRANGERS) }), logger),
  ],
  providers: [RoomGateway],
})
class Root {}

let dir: string;
let files: TlsFiles;
let first: Certificate;
let second: Certificate;
let app: NestExpressApplication;
let port: number;

/** Replaces a pair by another one, each file in one step. */
const put = async ({ certificate, key }: Certificate): Promise<void> => {
  for (const [file, text] of [
    [files.cert, certificate],
    [files.key, key],
  ] as const) {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verbatim-test-tls-'));
  files = { cert: join(dir, 'served.crt'), key: join(dir, 'served.key') };
  first = await makeCertificate(dir, 'first', ['localhost', '127.0.0.1']);
  second = await makeCertificate(dir, 'second', ['localhost', '127.0.0.1']);
  await put(first);
  app = await createHttpApp(Root, logger, { 'GET /health/live': { who: 'anybody' } }, files);
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as AddressInfo).port;
});
afterAll(async () => {
  await app?.close();
  await rm(dir, { recursive: true, force: true });
});

const get = (ca: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/health/live', ca, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode!));
    });
    asked.on('error', reject).end();
  });

const shake = (options: Parameters<typeof connect>[1]): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ ...options, port, host: '127.0.0.1' });
    socket.once('secureConnect', () => resolve(socket)).once('error', reject);
  });

describe('HTTPS', () => {
  it('answers a client that trusts the certificate, and no other', async () => {
    expect(await get(first.certificate)).toBe(200);
    await expect(get(second.certificate)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('is the only protocol on the port: a client without TLS gets nothing', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });

  it.each(['websocket', 'polling'])('carries Socket.IO (%s)', async (transport) => {
    const socket = io(`https://127.0.0.1:${port}/room`, {
      transports: [transport],
      ca: first.certificate,
      reconnection: false,
      forceNew: true,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject);
    });
    socket.close();
  });

  it('is TLS 1.2 or later', async () => {
    const ca = first.certificate;
    const modern = await shake({ ca, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    modern.destroy();
    const old = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(shake(old)).rejects.toThrow(/protocol version/i);
  });

  it('limits unfinished handshakes like other strangers, and lets others in', async () => {
    const halves: Socket[] = [];
    for (let n = 0; n < 5 * STRANGERS; n += 1) halves.push(connectTcp(port, '127.0.0.1'));
    for (const half of halves) half.on('error', () => undefined).write(Buffer.from([22, 3, 1, 2, 0]));
    const left = () => halves.filter((half) => !half.closed).length;
    await waitFor('the others to be sent away', () => left() <= STRANGERS);
    // The oldest make room for newcomers after their time is over.
    await waitFor('an answer', () => get(first.certificate).catch(() => undefined));
    await waitFor('the rest to be closed', () => left() === 0, 15_000);
  }, 30_000);

  it('serves a new pair from the next handshake on, without affecting open connections', async () => {
    const standing = await shake({ ca: first.certificate });
    await put(second);
    await waitFor('the new certificate', () => get(second.certificate).catch(() => undefined), 10_000);
    standing.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const answer = await new Promise<string>((resolve) =>
      standing.once('data', (text) => resolve(String(text))),
    );
    expect(answer).toContain('200 OK');
    standing.destroy();
  });

  it('keeps the previous pair when the new one can’t be served', async () => {
    await writeFile(files.key, 'no key');
    // Nothing shows that the files were read. The next good pair is read after them, in order.
    expect(await get(second.certificate)).toBe(200);
    await put(first);
    await waitFor('the pair after', () => get(first.certificate).catch(() => undefined), 10_000);
  });
});

describe('a pair that can’t be served', () => {
  it('refuses the start in the words of the document', async () => {
    const said = documentedRefusals('HTTPS');
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dir, name), text);
      return join(dir, name);
    };
    const past = { from: new Date('2020-01-01'), to: new Date('2021-01-01') };
    const old = await makeCertificate(dir, 'old', ['localhost'], past);
    const good = { cert: first.file, key: await file('first.key', first.key) };
    const locked = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
    const wrong: Readonly<Record<string, TlsFiles>> = {
      'a certificate that is not there': { ...good, cert: join(dir, 'missing.crt') },
      'a key that can’t be read': { ...good, key: dir },
      'a file that is no certificate': { ...good, cert: await file('text.crt', 'hello') },
      'a file that is no key': { ...good, key: await file('text.key', 'hello') },
      'a key with a passphrase': { ...good, key: await file('locked.key', locked) },
      'a key of another certificate': { ...good, key: await file('second.key', second.key) },
      'an expired certificate': { cert: old.file, key: await file('old.key', old.key) },
    };
    await chmod(good.key, 0o600);
    expect(readTlsPair(good)).toBeDefined();
    for (const [what, pair] of Object.entries(wrong)) {
      const line = said.get(what);
      expect(line, what).toBeDefined();
      const here = line!.replaceAll('/etc/verbatim', dir);
      expect(() => readTlsPair(pair), what).toThrow(here);
    }
    expect([...said.keys()]).toEqual(Object.keys(wrong));
  });
});
