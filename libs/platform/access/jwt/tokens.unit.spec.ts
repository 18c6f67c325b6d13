import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, exportJWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenSettings } from '../../config/token-settings.js';
import { TOKEN_LENGTH } from './token-claims.js';
import { Tokens } from './tokens.js';

const SECRET = 'a-secret-of-at-least-32-characters-x';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const common = {
  issuer: 'https://id.example',
  audience: 'verbatim',
  names: { role: 'role', bot: 'bot', toleranceMs: 5_000 },
};
const now = (): number => Math.floor(Date.now() / 1_000);
const claims = (more: object = {}): Record<string, unknown> => ({
  iss: 'https://id.example',
  aud: 'verbatim',
  sub: 'ada',
  jti: 't1',
  exp: now() + 60,
  role: 'admin',
  ...more,
});

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs a token by hand, so that it may contain anything. */
const byHand = (header: object, payload: unknown, secret: string | Buffer = SECRET): string => {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const hs = (payload: unknown): string => byHand({ alg: 'HS256', typ: 'JWT' }, payload);
const rs = (payload: object, header: object = {}, key = rsa.privateKey): Promise<string> =>
  new SignJWT(payload as Record<string, unknown>)
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
    .sign(key);
const byOldKey = (): Promise<string> => rs(claims());
const byNewKey = (): Promise<string> => rs(claims(), { kid: 'k2' }, other.privateKey);

let folder: string;
let jwksFile: string;
let jwks: string;
const said: string[] = [];
const say = (trouble: string): void => void said.push(trouble);
const shared = (): Tokens =>
  new Tokens({ ...common, source: { secret: SECRET }, algorithms: ['HS256'] }, say);
const asymmetric: TokenSettings['algorithms'] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const byFile = (): Tokens => new Tokens({ ...common, source: { jwksFile }, algorithms: asymmetric }, say);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verbatim-jwks-'));
  jwksFile = join(folder, 'jwks.json');
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256' }] });
  writeFileSync(jwksFile, jwks);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a token', () => {
  it('names its bearer, if it is signed by the secret or a known key', async () => {
    const caller = { role: 'admin', keyId: expect.stringMatching(/^sub\.[0-9a-f]{32}$/) };
    expect(await shared().verify(hs(claims()))).toMatchObject(caller);
    expect(await byFile().verify(await rs(claims()))).toMatchObject(caller);
    expect(await shared().verify(hs(claims({ role: 'bot', bot: 'alice' })))).toMatchObject({
      role: 'bot',
      bot: 'alice',
      token: { id: expect.stringMatching(/^jwt\.[0-9a-f]{32}$/) },
    });
  });

  it.each(
    Object.entries({
      'has expired': { exp: now() - 60 },
      'never expires': { exp: undefined },
      'expires at no number': { exp: `${now() + 60}` },
      'expires beyond all time': { exp: 1e300 },
      'is not valid yet': { nbf: now() + 600 },
      'is of another issuer': { iss: 'https://id.example.evil' },
      'is of no issuer': { iss: undefined },
      'is for another audience': { aud: 'other' },
      'is for nobody': { aud: undefined },
      'is of no subject': { sub: undefined },
      'is of an empty subject': { sub: '' },
      'is of no text as subject': { sub: 7 },
      'has a very long subject': { sub: 'x'.repeat(300) },
      'has a role that is a list': { role: ['admin'] },
      'has a role that nobody has': { role: 'root' },
      'has no role': { role: undefined },
      'has its role by inheritance': { role: undefined, ['__proto__']: { role: 'admin' } },
      'is of a bot without a name': { role: 'bot' },
      'is of a bot with a list of names': { role: 'bot', bot: ['alice'] },
      'is of a bot whose name is a path': { role: 'bot', bot: '../admin' },
      'has an id that is no text': { jti: { $ne: null } },
    }),
  )('that %s is not accepted', async (_what, more) => {
    expect(await shared().verify(hs(claims(more)))).toBeUndefined();
    expect(await byFile().verify(await rs(claims(more)))).toBeUndefined();
  });

  it('with __proto__ among its claims counts by its own claims', async () => {
    const text = JSON.stringify(claims({ role: 'auditor' })).replace('{', '{"__proto__":{"role":"admin"},');
    expect(await shared().verify(hs(text))).toMatchObject({ role: 'auditor' });
  });

  it('signed in a way that is not allowed is not accepted, whatever it says', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const none = part(claims());
    const hostile = [
      `${part({ alg: 'none' })}.${none}.`,
      `${part({ alg: 'None', typ: 'JWT' })}.${none}.`,
      `${part({ alg: 'nOnE' })}.${none}.x`,
      // Uses a public key as a shared secret.
      ...[pem, jwks, SECRET].map((secret) => byHand({ alg: 'HS256', kid: 'k1' }, claims(), secret as string)),
      byHand({ alg: 'RS256', kid: 'k1' }, claims()),
      byHand({ alg: 'HS512' }, claims()),
      byHand({}, claims()),
      byHand({ alg: ['RS256'] }, claims()),
      await rs(claims(), {}, other.privateKey),
      await rs(claims(), { alg: 'PS256' }),
      ...['../../../../dev/null', "k1' OR '1'='1", '__proto__', ''].map((kid) =>
        byHand({ alg: 'RS256', kid }, claims()),
      ),
      byHand({ alg: 'RS256', kid: 'k1', crit: ['b64'], b64: false }, claims()),
    ];
    const files = byFile();
    for (const token of hostile) expect([token, await files.verify(token)]).toEqual([token, undefined]);
    const secrets = shared();
    for (const token of [
      await rs(claims()),
      ...hostile.filter((text) => !text.includes(part({ alg: 'HS256', kid: 'k1' }))),
    ])
      expect([token, await secrets.verify(token)]).toEqual([token, undefined]);
  });

  it('with a changed end, middle or beginning is not accepted', async () => {
    const good = await rs(claims());
    const [head, body, end] = good.split('.') as [string, string, string];
    const changed = [
      `${head}.${part(claims({ role: 'auditor' }))}.${end}`,
      `${head}.${body}.${end.slice(0, -4)}AAAA`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${good}.x`,
      ` ${good}`,
    ];
    for (const token of changed) expect(await byFile().verify(token)).toBeUndefined();
  });

  it('that is huge is not accepted, and deep nesting does no harm', async () => {
    const nested = `${'['.repeat(2_500)}${']'.repeat(2_500)}`;
    const deep = hs(JSON.stringify(claims()).replace('{', `{"deep":${nested},`));
    expect(await shared().verify(deep)).toMatchObject({ role: 'admin' });
    for (const token of [
      hs('x'.repeat(TOKEN_LENGTH)),
      hs(claims({ pad: 'x'.repeat(1_000_000) })),
      hs(nested),
      byHand({ alg: 'HS256', deep: [nested] }, claims()).slice(1),
      hs('[]'),
      hs('null'),
      hs('{'),
      byHand({ alg: 'HS256', pad: 'x'.repeat(TOKEN_LENGTH) }, claims()),
      'eyJ.eyJ.eyJ',
      '..',
    ])
      expect(await shared().verify(token)).toBeUndefined();
  });
});

describe('the keys of an identity provider', () => {
  let server: Server;
  let asked: string[];
  let respond: (path: string) => { status: number; body: string };

  const byUrl = async (): Promise<Tokens> => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.url!);
      const { status, body } = respond(request.url!);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    return new Tokens({ ...common, source: { jwksUrl: url }, algorithms: asymmetric }, say);
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  it('are fetched once, and still work when the provider is away; made-up key ids cause no more requests', async () => {
    respond = () => ({ status: 200, body: jwks });
    const tokens = await byUrl();
    const shown = await Promise.all(
      Array.from({ length: 50 }, async () => tokens.verify(await rs(claims()))),
    );
    expect(shown.every((caller) => caller?.role === 'admin')).toBe(true);
    for (let index = 0; index < 100; index += 1)
      expect(await tokens.verify(await rs(claims(), { kid: `made-up-${index}` }))).toBeUndefined();
    expect(asked).toEqual(['/keys']);
    await stop();
    expect(await tokens.verify(await rs(claims()))).toMatchObject({ role: 'admin' });
  });

  /** Makes tokens whose keys were fetched once and have since changed at the provider. */
  const readThenChanged = async () => {
    respond = () => ({ status: 200, body: jwks });
    const tokens = await byUrl();
    expect(await tokens.verify(await byOldKey())).toMatchObject({ role: 'admin' });
    const key = { ...(await exportJWK(other.publicKey)), kid: 'k2', alg: 'RS256' };
    const body = JSON.stringify({ keys: [key] });
    respond = () => ({ status: 200, body });
    return tokens;
  };

  describe('that change', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
    afterEach(() => void vi.useRealTimers());

    it('are fetched again at the first token of a new key; tokens of the old key are no longer accepted', async () => {
      const tokens = await readThenChanged();
      vi.advanceTimersByTime(11_000);
      expect(await tokens.verify(await byNewKey())).toMatchObject({ role: 'admin' });
      expect(await tokens.verify(await byOldKey())).toBeUndefined();
      expect(asked.length).toBe(2);
      await stop();
    });

    it('are fetched every ten minutes, so that a withdrawn key ends even if no new one is used', async () => {
      const tokens = await readThenChanged();
      vi.advanceTimersByTime(601_000);
      // The call that triggers the reload does not wait for its answer.
      expect(await tokens.verify(await byOldKey())).toMatchObject({ role: 'admin' });
      await vi.waitFor(async () => expect(await tokens.verify(await byOldKey())).toBeUndefined(), 10_000);
      expect(asked.length).toBe(2);
      await stop();
    });
  });

  it('that a token itself names are never fetched', async () => {
    respond = () => ({ status: 200, body: jwks });
    const tokens = await byUrl();
    const { port } = server.address() as AddressInfo;
    const place = `http://127.0.0.1:${port}/evil`;
    const own = await exportJWK(other.publicKey);
    for (const header of [{ jku: place }, { x5u: place }, { jwk: own }, { kid: place }])
      expect(await tokens.verify(await rs(claims(), header, other.privateKey))).toBeUndefined();
    expect(asked).toEqual(['/keys']);
    await stop();
  });

  it.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with nonsense', { status: 200, body: '<html>' }],
    ['answers with too much', { status: 200, body: `"${'x'.repeat(300_000)}"` }],
    ['sends elsewhere', { status: 302, body: '' }],
  ])(
    'can’t be had where it %s: that is said, once, and it is not asked again at once',
    async (_what, answer) => {
      respond = () => answer;
      said.length = 0;
      const tokens = await byUrl();
      for (let time = 0; time < 20; time += 1)
        await expect(tokens.verify(await rs(claims()))).rejects.toMatchObject({
          code: 'unauthenticated',
          retryable: true,
        });
      expect([asked.length, said.length]).toEqual([1, 1]);
      await stop();
    },
  );
});
