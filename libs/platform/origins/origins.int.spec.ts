import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '#tools/harness/http/raw-request.js';
import type { Matrix } from '../access/access-matrix.js';
import { loadSettings } from '../config/settings.js';
import { createHttpApp } from '../http/create-http-app.js';
import { createLogger } from '../logging/logger.js';
import { PlatformModule } from '../platform.module.js';

const LISTED = 'https://console.example.org';
const MATRIX: Matrix = { 'GET /v1/open': { who: 'anybody' } };

@Controller('open')
class OpenController {
  @Get()
  open(): object {
    return { open: true };
  }
}

/** Lets everybody in, because only the origin is tested here. */
@WebSocketGateway({ namespace: '/room' })
class RoomGateway {}

const start = async (env: Record<string, string>): Promise<NestExpressApplication> => {
  const logger = createLogger({ level: 'silent' });

  @Module({
    imports: [PlatformModule.forRoot(loadSettings(env), logger)],
    controllers: [OpenController],
    providers: [RoomGateway],
  })
  class Root {}

  const app = await createHttpApp(Root, logger, MATRIX);
  await app.listen(0, '127.0.0.1');
  return app;
};

let plain: NestExpressApplication;
let listing: NestExpressApplication;
beforeAll(async () => {
  plain = await start({});
  listing = await start({ VERBATIM_ORIGINS: `https://other.example.org, ${LISTED}` });
});
afterAll(async () => {
  await plain?.close();
  await listing?.close();
});

const urlOf = (app: NestExpressApplication): string =>
  `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;

const ask = (app: NestExpressApplication, origin: string, method = 'GET', more = {}) =>
  rawRequest(urlOf(app), { method, path: '/v1/open', headers: { origin, ...more } });

/** Returns whether a client of this origin reaches a namespace. */
const isLetIn = (app: NestExpressApplication, transport: string, origin?: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = io(`${urlOf(app)}/room`, {
      transports: [transport],
      reconnection: false,
      forceNew: true,
      ...(origin && { extraHeaders: { origin } }),
    });
    const settle = (isIn: boolean) => (): void => {
      socket.close();
      resolve(isIn);
    };
    socket.on('connect', settle(true)).on('connect_error', settle(false));
  });

describe('a page of another origin', () => {
  it('is refused over HTTP, without headers that let it read the answer', async () => {
    const { status, text, headers } = await ask(plain, 'https://evil.example');
    expect([status, JSON.parse(text)]).toMatchObject([403, { code: 'forbidden' }]);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect((await ask(plain, 'https://evil.example', 'OPTIONS')).status).toBe(403);
    expect((await ask(listing, 'null')).status).toBe(403);
  });

  it.each(['websocket', 'polling'])('is refused over Socket.IO (%s)', async (transport) => {
    expect(await isLetIn(plain, transport, 'https://evil.example')).toBe(false);
    expect(await isLetIn(listing, transport, 'https://evil.example')).toBe(false);
  });

  it('that is listed may ask, and read the answer, over HTTP', async () => {
    const answer = await ask(listing, LISTED);
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, LISTED]);
    expect(answer.headers.vary).toContain('Origin');
    const preflight = await ask(listing, LISTED, 'OPTIONS', {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
    expect(preflight.headers['access-control-allow-methods']).toContain('PUT');
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it.each(['websocket', 'polling'])('that is listed may connect (%s)', async (transport) => {
    expect(await isLetIn(listing, transport, LISTED)).toBe(true);
    expect(await isLetIn(plain, transport, LISTED)).toBe(false);
  });
});

describe('a request that is not from a page of another origin', () => {
  it.each(['websocket', 'polling'])(
    'is let in as ever: no origin, or the server’s own (%s)',
    async (transport) => {
      for (const app of [plain, listing]) {
        expect(await isLetIn(app, transport)).toBe(true);
        expect(await isLetIn(app, transport, urlOf(app))).toBe(true);
        expect((await ask(app, urlOf(app))).status).toBe(200);
      }
    },
  );
});
