import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { Body, Controller, Get, Global, Header, Module, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_MATRIX, type Matrix } from '../access/access-matrix.js';
import { AUTHENTICATOR, type Authenticator } from '../access/authenticator.js';
import { loadSettings } from '../config/settings.js';
import { HealthRegistry } from '../health/health.registry.js';
import { createLogger } from '../logging/logger.js';
import { PlatformModule } from '../platform.module.js';
import { createHttpApp } from './create-http-app.js';

const authenticator: Authenticator = {
  authenticate: (key) => {
    if (key === 'admin-key') return { role: 'admin', keyId: 'aaaaaaaa' };
    return key === 'bot-key' ? { role: 'bot', bot: 'alice', keyId: 'bbbbbbbb' } : undefined;
  },
};

const MATRIX: Matrix = {
  ...ACCESS_MATRIX,
  'GET /v1/things': { who: ['admin', 'bot'] },
  'GET /v1/things/kept': { who: ['admin', 'bot'] },
  'POST /v1/things': { who: ['admin', 'bot'] },
};

@Controller('things')
class ThingsController {
  @Get()
  list(): object {
    return { items: [] };
  }

  @Get('kept')
  @Header('Cache-Control', 'private, no-cache')
  kept(): object {
    return { items: [] };
  }

  @Post()
  make(@Body() body: unknown): object {
    return { made: body };
  }
}

@Global()
@Module({
  imports: [
    PlatformModule.forRoot(
      loadSettings({ VERBATIM_METRICS_TOKEN: 'scrape-me-if-you-can' }),
      createLogger({ level: 'silent' }),
    ),
  ],
  controllers: [ThingsController],
  providers: [{ provide: AUTHENTICATOR, useValue: authenticator }],
  exports: [AUTHENTICATOR],
})
class ThingsModule {}

let app: NestExpressApplication;
let port: number;

beforeAll(async () => {
  app = await createHttpApp(ThingsModule, createLogger({ level: 'silent' }), MATRIX);
  app.get(HealthRegistry).register('messages-secret', () => ({ ready: false, detail: 'messages-secret@7' }));
  await app.listen(0, '127.0.0.1');
  // Engine.IO does the same with a protocol that it does not know.
  app.getHttpServer().on('upgrade', (_: unknown, socket: Socket) => socket.destroy());
  port = (app.getHttpServer().address() as AddressInfo).port;
});
afterAll(() => app.close());

/**
 * Sends bytes as they are, and more when the first answer is there. @returns everything received up to `until`, or to
 * the end
 */
const say = (text: string, until?: RegExp, then?: string): Promise<string> =>
  new Promise((resolve) => {
    let got = '';
    let isTold = then === undefined;
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('data', (more: string) => {
      got += more;
      if (!isTold) socket.write(then!);
      isTold = true;
      if (until?.test(got)) socket.destroy();
    });
    socket.on('close', () => resolve(got));
  });

const HOST = 'Host: localhost\r\n';
const KEY = 'Authorization: Bearer admin-key\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const head = (line: string, ...headers: string[]): string => `${line} HTTP/1.1\r\n${headers.join('')}\r\n`;
const statusesIn = (answers: string): string[] => answers.match(/(?<=HTTP\/1\.1 )\d{3}/g) ?? [];

describe('a body', () => {
  it.each([
    ['that is promised and never comes', 'Content-Length: 60000\r\n', ''],
    ['that never ends', 'Transfer-Encoding: chunked\r\n', '5\r\nabcde\r\n'],
    ['that is offered', 'Expect: 100-continue\r\nContent-Length: 10\r\n', ''],
    ['that is no JSON', 'Content-Length: 1\r\n', '{'],
  ])(
    '%s is neither waited for nor read without a valid key, and ends the connection',
    async (_, length, sent) => {
      const answer = await say(head('POST /v1/things', HOST, JSON_TYPE, length) + sent);
      expect(statusesIn(answer)).toEqual(['401']);
      expect(answer).toMatch(/^Connection: close/m);
      expect(answer).toContain('"code":"unauthenticated"');
    },
  );

  it('is read to its end, up to a limit, so that a client that sends first can read the answer', async () => {
    const body = 'x'.repeat(200_000);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/things`, { method: 'POST', body });
    expect(answer.status).toBe(401);
  });

  it('that looks like another request is not taken for one', async () => {
    const smuggled = head('GET /health/live', HOST);
    const answer = await say(
      `${head('POST /v1/things', HOST, JSON_TYPE, `Content-Length: ${smuggled.length + 5}\r\n`)}${smuggled}`,
    );
    expect(statusesIn(answer)).toEqual(['401']);
  });

  it('is asked for once the key is known to be good', async () => {
    const offer = head(
      'POST /v1/things',
      HOST,
      KEY,
      JSON_TYPE,
      'Expect: 100-continue\r\nContent-Length: 7\r\n',
    );
    const answer = await say(offer, /made/, '{"a":1}');
    expect(statusesIn(answer)).toEqual(['100', '201']);
    expect(answer).toContain('{"made":{"a":1}}');
  });
});

describe('an address', () => {
  it.each([
    ['?q=%ff', 'Parameter \\"q\\"'],
    ['?a=1&q=%C3', 'Parameter \\"q\\"'],
    ['?a=1&q=%C0%AF', 'Parameter \\"q\\"'],
    ['?q=%ED%A0%80', 'Parameter \\"q\\"'],
    ['?q=100%', 'Parameter \\"q\\"'],
    ['?%ff=1', 'Parameter \\"%ff\\"'],
  ])('whose query is not UTF-8 is refused: %s', async (query, detail) => {
    const answer = await say(head(`GET /v1/things${query}`, HOST, KEY), /\r\n\r\n.*\}/s);
    expect(statusesIn(answer)).toEqual(['400']);
    expect(answer).toContain('"code":"invalid_payload"');
    expect(answer).toContain(detail);
  });

  it('is read where it is', async () => {
    const answer = await say(head('GET /v1/things?q=caf%C3%A9+%F0%9F%98%80', HOST, KEY), /items/);
    expect(statusesIn(answer)).toEqual(['200']);
  });
});

describe('requests that a proxy may read otherwise', () => {
  const twoLengths = ['Content-Length: 4\r\n', 'Transfer-Encoding: chunked\r\n'];
  it.each<[string, string]>([
    ['two lengths', head('POST /v1/things', HOST, KEY, JSON_TYPE, ...twoLengths)],
    ['one length twice', head('POST /v1/things', HOST, KEY, 'Content-Length: 2\r\nContent-Length: 4\r\n')],
    ['a signed length', head('POST /v1/things', HOST, KEY, 'Content-Length: +2\r\n')],
    ['an unknown coding', head('POST /v1/things', HOST, KEY, 'Transfer-Encoding: xchunked\r\n')],
    ['a space before a colon', head('POST /v1/things', HOST, KEY, 'Transfer-Encoding : chunked\r\n')],
    ['a folded header', head('GET /v1/things', HOST, KEY, 'X: a\r\n b\r\n')],
    ['lines that end in LF alone', `GET /v1/things HTTP/1.1\n${HOST}\n`],
    ['no host', head('GET /v1/things', KEY)],
    ['two hosts', head('GET /v1/things', HOST, KEY, 'Host: evil.example\r\nConnection: close\r\n')],
    ['an address with a host', head('GET http://evil.example/v1/things', HOST, KEY, 'Connection: close\r\n')],
  ])('are refused: %s', async (_, text) => {
    const behind = text.includes('close') ? '' : `0\r\n\r\n${head('GET /v1/things', HOST, KEY)}`;
    const answer = await say(text + behind);
    expect(statusesIn(answer)).toEqual(['400']);
  });

  it('are refused with two keys, either of which may be the right one', async () => {
    const other = 'Authorization: Bearer bot-key\r\n';
    const answer = await say(head('GET /v1/things', HOST, KEY, other, 'Connection: close\r\n'));
    expect(statusesIn(answer)).toEqual(['401']);
  });

  it.each(['h2c', 'websocket', 'TLS/1.0'])(
    'and offers of %s are answered as if there was none',
    async (to) => {
      const upgrade = `Upgrade: ${to}\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`;
      const body = 'Content-Length: 7\r\n';
      const answer = await say(
        `${head('POST /v1/things', HOST, KEY, JSON_TYPE, upgrade, body)}{"a":1}`,
        /made/,
      );
      expect(statusesIn(answer)).toEqual(['201']);
    },
  );

  it.each([
    '//v1/things',
    '/v1//things',
    '/V1/things',
    '/v1/Things',
    '/v1/things/',
    '/v1/things;a=b',
    '/v1/%74hings',
    '/v1/things%2f',
    '/v1/./things',
    '/v1/x/../things',
    '/v1/things%00',
    '/METRICS',
    '/metrics/',
    '//metrics',
    '/%6detrics',
    '/Health/ready',
    '/docs/package.json',
    '/docs/%2e%2e/package.json',
  ])('have only one spelling of an address, not %s', async (path) => {
    expect(statusesIn(await say(head(`GET ${path}`, HOST, KEY, 'Connection: close\r\n')))).toEqual(['404']);
  });

  it.each(['OPTIONS', 'TRACE', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('do nothing by %s', async (method) => {
    const override = 'X-HTTP-Method-Override: GET\r\nConnection: close\r\n';
    expect(statusesIn(await say(head(`${method} /v1/things`, HOST, KEY, override)))).toEqual(['404']);
  });

  it('get the answer of GET for HEAD, without its body', async () => {
    const answer = await say(head('HEAD /v1/things', HOST, KEY, 'Connection: close\r\n'));
    expect(statusesIn(answer)).toEqual(['200']);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });
});

const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers });

const policy = async (path: string) => (await ask(path)).headers.get('content-security-policy');
const details = async (headers: Record<string, string>) => (await ask('/health/ready', headers)).text();

describe('what the headers of an answer say', () => {
  it.each([
    ['/v1/things', 200],
    ['/v1/nothing', 404],
    ['/health/ready', 503],
    ['/metrics', 200],
    ['/docs', 200],
  ])('is that nobody keeps it, unless its route says otherwise: %s', async (path, status) => {
    const answer = await ask(path, { authorization: 'Bearer admin-key' });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store']);
  });

  it('is what its route says, except for a problem', async () => {
    const kept = await ask('/v1/things/kept', { authorization: 'Bearer bot-key' });
    expect(kept.headers.get('cache-control')).toBe('private, no-cache');
    expect((await ask('/v1/things/kept')).headers.get('cache-control')).toBe('no-store');
  });

  it('is that it is not a page, except for the documentation', async () => {
    expect(await policy('/v1/things')).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(await policy('/docs/')).toContain("script-src 'self'");
    expect(await policy('/docsx')).not.toContain('script-src');
  });
});

describe('information for strangers', () => {
  const FORWARDED = { 'x-real-ip': '203.0.113.9' };
  it('of health is which components are ready, not the names in their details', async () => {
    expect(await details(FORWARDED)).toContain('"messages-secret":{"ready":false}');
    expect(await details({ ...FORWARDED, authorization: 'Bearer bot-key' })).not.toContain('@7');
    for (const key of ['admin-key', 'scrape-me-if-you-can'])
      expect(await details({ ...FORWARDED, authorization: `Bearer ${key}` })).toContain('messages-secret@7');
    expect(await details({})).toContain('messages-secret@7');
  });

  it.each([
    FORWARDED,
    { via: '1.1 proxy' },
    { forwarded: 'for=203.0.113.9' },
    { origin: 'http://localhost' },
  ])('of metrics is nothing, whatever proxy headers say: %j', async (headers) =>
    expect((await ask('/metrics', headers as never)).status).toBe(403),
  );

  it('of metrics is nothing under a name that was pointed here', async () => {
    const answer = await say(head('GET /metrics', 'Host: evil.example\r\nConnection: close\r\n'));
    expect(statusesIn(answer)).toEqual(['403']);
  });
});
