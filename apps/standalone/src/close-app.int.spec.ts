import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Body, Controller, Module, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '#libs/platform/config/settings.js';
import { createHttpApp } from '#libs/platform/http/create-http-app.js';
import { createLogger } from '#libs/platform/logging/logger.js';
import { PlatformModule } from '#libs/platform/platform.module.js';
import type { TlsFiles } from '#libs/platform/tls/tls-pair.js';
import { makeCertificate } from '#test/support/refused-starts/certificates.js';
import { closeApp } from './close-app.js';

const logger = createLogger({ level: 'silent' });
/** Nothing but the cut may end these connections: Node's own limits come later. */
const PROMPT_MS = 5_000;

@Controller('notes')
class Notes {
  @Post()
  take(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ imports: [PlatformModule.forRoot(loadSettings({}), logger)], controllers: [Notes] })
class Root {}

let dir: string;
let files: TlsFiles;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verbatim-spec-close-'));
  const { file, key } = await makeCertificate(dir, 'served', ['127.0.0.1']);
  files = { cert: file, key: join(dir, 'served.key') };
  await writeFile(files.key, key);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = async (tls: TlsFiles | undefined): Promise<NestExpressApplication> => {
  const app = await createHttpApp(Root, logger, { 'POST /v1/notes': { who: 'anybody' } }, tls);
  await app.listen(0, '127.0.0.1');
  return app;
};

const HEAD = 'POST /v1/notes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';

/** Connects, says something, and resolves when the server has read it. */
const come = async (app: NestExpressApplication, words: Buffer | string, byTls: boolean): Promise<Socket> => {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const taken = once(app.getHttpServer(), 'connection') as Promise<[Socket]>;
  const raw = connect(port, '127.0.0.1').on('error', () => undefined);
  const [accepted] = await taken;
  const peer = byTls
    ? connectTls({ socket: raw, rejectUnauthorized: false }).on('error', () => undefined)
    : raw;
  if (byTls) await once(peer, 'secureConnect');
  const before = accepted.bytesRead;
  if (words.length > 0) {
    peer.write(words);
    while (accepted.bytesRead === before) await new Promise(setImmediate);
  }
  return peer;
};

/** The first bytes of a ClientHello, which says that 512 bytes follow. */
const HALF_HELLO = Buffer.from('16030102000100', 'hex');

describe('closing an application', () => {
  it.each<[string, Buffer | string, 'no TLS' | 'TLS' | 'below TLS']>([
    ['whose request has half a head', 'POST /v1/notes HTTP/1.1\r\nHost: 127.', 'no TLS'],
    ['whose request has half a body', `${HEAD}Content-Length: 99\r\n\r\n{"id":`, 'no TLS'],
    ['that says nothing', '', 'no TLS'],
    ['whose request has half a body, by TLS', `${HEAD}Content-Length: 99\r\n\r\n{"id":`, 'TLS'],
    ['that says nothing after its TLS handshake', '', 'TLS'],
    ['that does not begin its TLS handshake', '', 'below TLS'],
    ['that does not finish its TLS handshake', HALF_HELLO, 'below TLS'],
  ])('does not wait for a peer %s', async (_, words, how) => {
    const app = await start(how === 'no TLS' ? undefined : files);
    const peer = await come(app, words, how === 'TLS');
    const began = performance.now();
    await closeApp(app, 0);
    expect(performance.now() - began).toBeLessThan(PROMPT_MS);
    peer.destroy();
  });
});
