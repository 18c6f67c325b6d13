import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Body, Controller, Get, HttpCode, Module, Param, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rejection } from '#libs/domain/rejection.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { ACCESS_MATRIX, type Matrix } from '../access/access-matrix.js';
import { AUTHENTICATOR, type Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import { loadSettings } from '../config/settings.js';
import { HealthRegistry } from '../health/health.registry.js';
import { createLogger } from '../logging/logger.js';
import { PlatformModule } from '../platform.module.js';
import { CurrentCaller } from './current-caller.decorator.js';
import { createHttpApp } from './create-http-app.js';

const callers: Record<string, Caller> = {
  'bot-key': { role: 'bot', bot: 'alice', keyId: 'aaaaaaaa' },
  'admin-key': { role: 'admin', keyId: 'bbbbbbbb' },
  'auditor-key': { role: 'auditor', keyId: 'dddddddd' },
};
const authenticator: Authenticator = {
  authenticate: (key) => callers[key],
  authenticateNew: async (key) => (key === 'new-key' ? { role: 'admin', keyId: 'cccccccc' } : undefined),
};

@Controller()
class ProbeController {
  @Get('staff')
  staff(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('forgotten')
  forgotten(): string {
    return 'secret';
  }

  @HttpCode(200)
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('fail/:how')
  fail(@Param('how') how: string): never {
    if (how === 'rejection') throw new Rejection('already_exists', 'It is there already');
    if (how === 'store') throw new StoreUnavailable('ECONNREFUSED 10.0.0.7');
    throw new TypeError('secret detail');
  }
}

const MATRIX: Matrix = {
  ...ACCESS_MATRIX,
  'GET /v1/staff': { who: ['admin', 'auditor'] },
  'POST /v1/echo': { who: 'anybody' },
  'GET /v1/fail/:how': { who: 'anybody' },
};

const TOKEN = 'scrape-me-if-you-can';
const logged: string[] = [];

@Module({
  imports: [
    PlatformModule.forRoot(
      loadSettings({
        VERBATIM_METRICS_TOKEN: TOKEN,
        VERBATIM_PEOPLE_RATE_LIMIT: '1',
        VERBATIM_PEOPLE_RATE_BURST: '30',
      }),
      createLogger({ level: 'error', tty: false, stream: { write: (line) => void logged.push(line) } }),
    ),
  ],
  controllers: [ProbeController],
  providers: [{ provide: AUTHENTICATOR, useValue: authenticator }],
})
class ProbeModule {}

let app: NestExpressApplication;
let origin: string;

beforeAll(async () => {
  const stream = { write: (line: string) => void logged.push(line) };
  app = await createHttpApp(ProbeModule, createLogger({ level: 'error', tty: false, stream }), MATRIX);
  await app.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
});

afterAll(() => app.close());

type Answer = Readonly<{
  status: number;
  type: string | null;
  headers: Headers;
  body: Record<string, unknown>;
}>;

const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
  const response = await fetch(`${origin}${path}`, init);
  const body = (await response.json()) as Record<string, unknown>;
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body,
  };
};

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  ask('/v1/echo', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

const metrics = async (headers: Record<string, string>): Promise<string> => {
  const response = await fetch(`${origin}/metrics`, { headers });
  return `${response.status} ${(await response.text()).includes('process_cpu_seconds_total')}`;
};

const as = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });

describe('access', () => {
  it('admits the roles that the route names and hands over the caller', async () => {
    expect((await ask('/v1/staff', as('admin-key'))).body).toEqual(callers['admin-key']);
  });

  it('admits a key that is so new that it has to be looked up', async () => {
    expect((await ask('/v1/staff', as('new-key'))).body).toMatchObject({ keyId: 'cccccccc' });
  });

  it.each([
    {},
    as('wrong'),
    { headers: { authorization: 'Basic YTpi' } },
    { headers: { authorization: 'Bearer' } },
  ])('asks for a key when there is none or an unknown one (%j)', async (init) => {
    const { status, headers, body } = await ask('/v1/staff', init);
    expect([status, body['code'], headers.get('www-authenticate')]).toEqual([
      401,
      'unauthenticated',
      'Bearer',
    ]);
  });

  it('is limited to a rate for each key of people, with the time to try again', async () => {
    const asked = await Promise.all(Array.from({ length: 40 }, () => ask('/v1/staff', as('auditor-key'))));
    const refused = asked.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]!.body).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
    expect((await ask('/v1/staff', as('admin-key'))).status).toBe(200);
  });

  it('forbids other roles', async () => {
    expect((await ask('/v1/staff', as('bot-key'))).body).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it.each(['bot-key', 'admin-key'])('a route that names nobody is closed to everybody (%s)', async (key) => {
    expect((await ask('/v1/forgotten', as(key))).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await ask('/v1/forgotten')).status).toBe(401);
  });
});

describe('errors', () => {
  it('are problem documents', async () => {
    const { type, body } = await ask('/v1/fail/rejection');
    expect(type).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'urn:verbatim:problem:already_exists',
      title: 'Conflict',
      status: 409,
      detail: 'It is there already',
      code: 'already_exists',
      retryable: false,
    });
  });

  it('say when trying again may help', async () => {
    const { headers, body } = await ask('/v1/fail/store');
    expect(body).toMatchObject({
      status: 503,
      code: 'store_unavailable',
      retryable: true,
      retryAfterMs: 1000,
    });
    expect(headers.get('retry-after')).toBe('1');
  });

  it('that are our fault are logged with their details, and clients see none of them', async () => {
    const { body } = await ask('/v1/fail/otherwise');
    expect(body).toMatchObject({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(body)).not.toContain('secret detail');
    expect(logged.join('')).toContain('secret detail');
  });

  it.each(['/', '/v1', '/v1/nothing', '/staff', '/v1/health/ready', '/v1/fail/%E0%A4%A'])(
    'for an address that leads nowhere (%s) are problem documents too',
    async (path) => {
      const { status, type, body } = await ask(path);
      expect(type).toMatch(/^application\/problem\+json/);
      expect([status, body['code']]).toEqual(
        path.includes('%') ? [400, 'invalid_payload'] : [404, 'not_found'],
      );
      expect(JSON.stringify(body)).not.toMatch(/Cannot|decode|%/);
    },
  );
});

describe('bodies', () => {
  it('that are not JSON are refused without the parser’s text', async () => {
    for (const text of ['{"a": hunter2}', '{', '"', '[1,2']) {
      const { body } = await post(text);
      expect(body).toMatchObject({
        status: 400,
        code: 'malformed_json',
        detail: 'The request body is not valid JSON',
      });
    }
  });

  it('that are JSON but not an object are left to the rules of the route', async () => {
    expect((await post('7')).body).toBe(7);
  });

  it('without a route are not read', async () => {
    const { body } = await ask('/x', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(body).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('up to 64 KiB are read, larger ones answered, not cut off', async () => {
    expect((await post(JSON.stringify({ body: 'x'.repeat(60_000) }))).status).toBe(200);
    const { body } = await post(JSON.stringify({ body: 'x'.repeat(3_000_000) }));
    expect(body).toMatchObject({ status: 413, code: 'message_too_large' });
  });

  it.each([
    'application/json; charset=latin1',
    'application/json; charset="utf-16"',
    'application/json; charset=utf-8; charset=latin1',
    'application/jsonp',
    'application/problem+json',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('of another type than JSON in UTF-8 are refused as that: %j', async (type) => {
    const { status, body } = await post('{}', { 'content-type': type });
    expect([status, body['code']]).toEqual([415, 'unsupported_media_type']);
    expect(body['detail']).toBe('Content-Type must be application/json, in UTF-8');
  });

  it.each(['Application/JSON', 'application/json;charset=UTF-8', 'application/json ; x=y; Charset="utf-8"'])(
    'of that type are read, however it is written: %s',
    async (type) => {
      expect((await post('{"a":1}', { 'content-type': type })).body).toEqual({ a: 1 });
    },
  );

  it('that are compressed are read where that is understood', async () => {
    const compressed = new Uint8Array(gzipSync('{"a":1}'));
    expect((await post(compressed, { 'content-encoding': 'gzip' })).body).toEqual({ a: 1 });
    expect((await post('{}', { 'content-encoding': 'rot13' })).body['code']).toBe('unsupported_media_type');
    expect((await post('{}', { 'content-encoding': 'gzip' })).body['code']).toBe('invalid_payload');
  });

  it.each([
    ['Latin-1', Buffer.from('{"body":"caf\u00e9"}', 'latin1'), /UTF-8/],
    ['an overlong form', Buffer.from('7b2261223a22c0af227d', 'hex'), /UTF-8/],
    ['a surrogate', Buffer.from('7b2261223a22eda080227d', 'hex'), /UTF-8/],
    ['UTF-8 that is cut', Buffer.from('{"a":"\u20ac"}').subarray(0, 8), /UTF-8/],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), /UTF-8/],
    ['a byte order mark', Buffer.from('\ufeff{}'), /byte order mark/],
    ['NaN', Buffer.from('{"a":NaN}'), /not valid JSON/],
  ])('in %s are refused, not repaired', async (_what, bytes, detail) => {
    const { status, body } = await post(new Uint8Array(bytes));
    expect([status, body['code'], body['detail']]).toEqual([
      400,
      'malformed_json',
      expect.stringMatching(detail),
    ]);
  });

  it('that would lose something are refused, with the name of the field', async () => {
    expect((await post('{"data":{"order":1285704473650888702}}')).body).toMatchObject({
      status: 400,
      code: 'invalid_payload',
      detail: expect.stringMatching(/^Field "data\.order": number 1285704473650888702/) as string,
    });
    expect((await post('{"a":1,"a":2}')).body['detail']).toBe('Field "a" is there more than once');
    expect((await post('{"a":1.0,"b":1E5}')).body).toEqual({ a: 1, b: 100_000 });
  });

  it('any Unicode goes through as it came', async () => {
    const text = '\u0000 \u202e \ud83d\ude00 é e\u0301 \uffff';
    expect((await post(JSON.stringify({ text }))).body).toEqual({ text });
  });
});

describe('health, metrics and documentation', () => {
  it('is live always and ready when every component is', async () => {
    let ready = false;
    app.get(HealthRegistry).register('probe', () => ({ ready, detail: 'warming up' }));
    expect((await ask('/health/live')).body).toEqual({ live: true });
    const components = { probe: { ready: false, detail: 'warming up' } };
    expect(await ask('/health/ready')).toMatchObject({ status: 503, body: { ready: false, components } });
    ready = true;
    expect(await ask('/health/ready')).toMatchObject({ status: 200, body: { ready: true } });
  });

  it('shows metrics to this machine and to holders of the token', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    expect(await metrics({})).toBe('200 true');
    expect(await metrics(forwarded)).toBe('403 false');
    expect(await metrics({ ...forwarded, authorization: `Bearer ${TOKEN}` })).toBe('200 true');
    expect(await metrics({ ...forwarded, authorization: 'Bearer else' })).toBe('403 false');
  });

  it('describes itself at /docs', async () => {
    expect((await fetch(`${origin}/docs`)).status).toBe(200);
    const { body } = await ask('/docs/openapi.json');
    expect(Object.keys(body['paths'] as object)).toContain('/v1/staff');
  });

  it('does not say what it is built with', async () => {
    const { headers } = await ask('/health/live');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
