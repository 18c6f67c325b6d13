import type { OddValues } from './odd-values.js';
import { SCRATCH } from './scene.js';
import type { Route, Scene } from './scene.js';

/**
 * A request. `whole` means that it has an end, so that it gets an answer and other requests may follow on the
 * connection.
 */
export type HttpInput = Readonly<{ bytes: Buffer; method: string; whole: boolean }>;

type Request = { method: string; target: string; headers: [string, string][]; body: Buffer };

const OTHER_METHODS = ['HEAD', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'POST', 'GET', 'PROPFIND'];
const OTHER_PATHS = [
  '/',
  '/v1',
  '/v2/messages',
  '/metrics',
  '/docs/../v1/bots',
  '//v1/bots',
  '/v1/bots/%2e%2e',
  '/.env',
  '/health/live',
];
const TYPES = [
  'application/json',
  'text/plain',
  'application/json; charset=utf-7',
  'application/xml',
  '',
  'multipart/form-data; boundary=x',
];
const ENCODINGS = ['gzip', 'br', 'deflate', 'zstd', 'identity', 'gzip, gzip', '\u0001'];
const BODIES = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '{"a":1,"a":2}',
  '{"id":1e999}',
  '{"__proto__":{"role":"admin"}}',
  '\uFEFF{}',
  '{"body":"\\ud800"}',
];

/** Returns a value for a path parameter. Acts that could change what others use get names that nobody has. */
const parameter = (odd: OddValues, scene: Scene, isRead: boolean): string => {
  const { random } = odd;
  const name = random.chance(0.5)
    ? random.pick(SCRATCH)
    : isRead && random.chance(0.5)
      ? scene.channel
      : odd.string().slice(0, 300);
  return random.chance(0.8)
    ? encodeURIComponent(wellFormed(name))
    : latin(name).replaceAll(/[^!-~\u0080-\u00FF]/g, '+');
};

const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');

const latin = (text: string): string => Buffer.from(wellFormed(text)).toString('latin1');

const queryOf = (odd: OddValues, names: readonly string[], scene: Scene): string => {
  const { random } = odd;
  const parts = names
    .filter(() => random.chance(0.4))
    // A follow has no end. Other tests cover it.
    .filter((name) => name !== 'follow')
    .map(
      (name) =>
        `${name}${random.pick(['=', '=', '=', '[]=', '[__proto__]=', ''])}${parameter(odd, scene, true)}`,
    );
  if (random.chance(0.1))
    parts.push(`${encodeURIComponent(wellFormed(odd.string().slice(0, 50)))}=${parts.join('&')}`);
  if (names.includes('limit') && random.chance(0.7)) parts.push(`limit=${odd.integer(3)}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
};

const targetOf = (odd: OddValues, { method, path, query }: Route, scene: Scene): string => {
  if (odd.random.chance(0.08)) return odd.random.pick(OTHER_PATHS);
  const filled = path.replaceAll(/\{\w+\}/g, () => parameter(odd, scene, method === 'GET'));
  return filled + queryOf(odd, query, scene);
};

const authorization = (odd: OddValues, scene: Scene): [string, string][] => {
  const { random } = odd;
  const { shared, admin, auditor, bots } = scene;
  const key = random.pick([shared, random.pick(bots), admin, admin, auditor]);
  if (random.chance(0.75)) return [['authorization', `Bearer ${key}`]];
  const wrong = [
    `Bearer ${key}x`,
    `Bearer  ${key} ${key}`,
    `Basic ${key}`,
    'Bearer',
    key,
    `Bearer ${latin(odd.string().slice(0, 200))}`,
  ];
  return random.chance(0.5) ? [] : [['authorization', oneLine(random.pick(wrong))]];
};

/** Replaces what may not stand in a header. Such characters are tried as damage instead. */
const oneLine = (text: string): string => text.replaceAll(/[^\t -~\u0080-\u00FF]/g, '?');

const bodyOf = (odd: OddValues): Buffer => {
  const { random } = odd;
  const kind = random.next();
  if (kind < 0.35) return Buffer.from(JSON.stringify(odd.value()) ?? '');
  if (kind < 0.65) {
    const fields = [
      'name',
      'channel',
      'visibility',
      'role',
      'reason',
      'expiresAt',
      'id',
      'body',
      'data',
      'acceptDifferences',
    ];
    const chosen = fields.filter(() => random.chance(0.3));
    return Buffer.from(JSON.stringify(Object.fromEntries(chosen.map((field) => [field, odd.value()]))));
  }
  if (kind < 0.85) return Buffer.from(odd.damaged(random.pick(BODIES)));
  return odd.bytes(odd.integer(random.pick([5, 300])));
};

const requestOf = (odd: OddValues, scene: Scene): Request => {
  const { random } = odd;
  const route = random.pick(scene.routes);
  const method = random.chance(0.92) ? route.method : random.pick(OTHER_METHODS);
  const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : bodyOf(odd);
  const headers: [string, string][] = [['host', 'x'], ...authorization(odd, scene)];
  if (body.length > 0 || random.chance(0.1))
    headers.push(['content-type', random.chance(0.7) ? 'application/json' : random.pick(TYPES)]);
  if (random.chance(0.08)) headers.push(['content-encoding', oneLine(random.pick(ENCODINGS))]);
  if (random.chance(0.1)) headers.push([`x-${odd.integer(99)}`, oneLine(latin(odd.string().slice(0, 500)))]);
  if (random.chance(0.05))
    headers.push(['accept', oneLine(odd.string().slice(0, 200)) || '*/*'], ['x-forwarded-for', 'unknown']);
  return { method, target: targetOf(odd, route, scene), headers, body };
};

const bytesOf = ({ method, target, headers, body }: Request, isChunked: boolean): Buffer => {
  const framing: [string, string] = isChunked
    ? ['transfer-encoding', 'chunked']
    : ['content-length', String(body.length)];
  const lines = [...headers, framing].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  if (!isChunked) return Buffer.concat([head, body]);
  const chunk =
    body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')] : [];
  return Buffer.concat([head, ...chunk, Buffer.from('0\r\n\r\n')]);
};

const BROKEN: readonly ((odd: OddValues) => string)[] = [
  () => 'GET / HTTP/1.1\r\n\r\n',
  () => 'GET / HTTP/9.9\r\nhost: x\r\n\r\n',
  () => 'GET\r\n\r\n',
  () => '\u0016\u0003\u0001\u0002\u0000',
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  () => 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
  () => 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
  () =>
    'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  () => 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  () => 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
  () => 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n{',
  () => 'GET /v1/bots HTTP/1.1\r\nhost : x\r\n folded: y\r\n\r\n',
  () =>
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  () =>
    'GET /v1/bots HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n',
  () => 'GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\nhost: x\r\n\r\n',
  () => 'GET /socket.io/?EIO=4&transport=__proto__ HTTP/1.1\r\nhost: x\r\n\r\n',
  () => 'GET /socket.io/?EIO=4&transport=polling&sid=__proto__ HTTP/1.1\r\nhost: x\r\n\r\n',
  (odd) => `GET /${'a'.repeat(odd.integer(40_000))} HTTP/1.1\r\nhost: x\r\n\r\n`,
  (odd) => `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(odd.integer(4_000))}\r\n`,
];

/** Returns a request to the HTTP API with something wrong in it. */
export const oddHttpInput = (odd: OddValues, scene: Scene): HttpInput => {
  const { random } = odd;
  if (random.chance(0.05))
    return { bytes: Buffer.from(random.pick(BROKEN)(odd), 'latin1'), method: 'GET', whole: false };
  const request = requestOf(odd, scene);
  const bytes = bytesOf(request, random.chance(0.1));
  const { method } = request;
  return random.chance(0.07)
    ? { bytes: odd.damagedBytes(bytes), method, whole: false }
    : { bytes, method, whole: true };
};
