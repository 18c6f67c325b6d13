import { describe, expect, it } from 'vitest';
import { issueKey } from '../keys/access-key.js';
import { maskSecrets } from './mask-secrets.js';
import { InvalidSettings, loadSettings, type Environment } from './settings.js';

const mistakesOf = (env: Environment): readonly string[] => {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.mistakes;
    throw error;
  }
  return [];
};

describe('settings', () => {
  it('an empty environment gives the whole system on one machine', () => {
    expect(loadSettings({})).toMatchObject({
      http: { host: '127.0.0.1', port: 8000 },
      dataDir: `${process.cwd()}/.verbatim`,
      eventStore: {},
      postgres: {},
      roles: ['gateway', 'projector', 'admin', 'audit'],
      rate: { perSecond: 200, burst: 400 },
      log: { level: 'info' },
      metrics: {},
      access: {},
    });
  });

  it('a variable that is empty counts as not set', () => {
    expect(loadSettings({ VERBATIM_PORT: '', VERBATIM_POSTGRES_URL: '' })).toEqual(loadSettings({}));
  });

  it('reports all mistakes together, each by name', () => {
    expect(
      mistakesOf({
        VERBATIM_PORT: '80o0',
        VERBATIM_LOG_LEVEL: 'loud',
        VERBATIM_ROLES: 'gateway,cook',
        VERBATIM_RATE_LIMIT: '-1',
      }),
    ).toEqual([
      'VERBATIM_PORT must be a whole number from 0 to 65535',
      'VERBATIM_ROLES must be a list of gateway, projector, admin, audit',
      'VERBATIM_RATE_LIMIT must be a whole number from 1 to 1000000',
      'VERBATIM_LOG_LEVEL must be one of silent, error, warn, info, debug, trace',
    ]);
  });

  it('never repeats a value, because it may be a secret', () => {
    const env = {
      VERBATIM_POSTGRES_URL: 'mysql://me:hunter2@db/x',
      VERBATIM_EVENTSTORE_URL: 'http://me:hunter2@db',
      VERBATIM_METRICS_TOKEN: 'hunter2',
      VERBATIM_ADMIN_KEY: 'admin.hunter2',
    };
    expect(mistakesOf(env)).toHaveLength(4);
    expect(mistakesOf(env).join()).not.toContain('hunter2');
  });

  it('treats an unknown name as a misspelling', () => {
    expect(mistakesOf({ VERBATIM_POTR: '1', HOME: '/x' })).toEqual([
      'VERBATIM_POTR is not a setting; did you mean VERBATIM_PORT?',
    ]);
  });

  it('roles that run apart need stores they can share', () => {
    expect(mistakesOf({ VERBATIM_ROLES: 'gateway' })).toEqual([
      'VERBATIM_EVENTSTORE_URL must be set when VERBATIM_ROLES names fewer than all roles',
      'VERBATIM_POSTGRES_URL must be set when VERBATIM_ROLES names fewer than all roles',
    ]);
    const urls = {
      VERBATIM_EVENTSTORE_URL: 'esdb://es:2113',
      VERBATIM_POSTGRES_URL: 'postgres://pg/verbatim',
    };
    expect(loadSettings({ ...urls, VERBATIM_ROLES: 'audit, gateway' }).roles).toEqual(['gateway', 'audit']);
  });

  it('takes witnesses of the audit log with address and public key', () => {
    const one = 'https://w.example/one#w.example/one+d3b07384+BAx+y/z=';
    const { audit } = loadSettings({
      VERBATIM_AUDIT_WITNESSES: `${one}, http://127.0.0.1:8001#b+00000000+BA==`,
    });
    expect(audit.witnesses).toEqual([
      { url: 'https://w.example/one', key: 'w.example/one+d3b07384+BAx+y/z=' },
      { url: 'http://127.0.0.1:8001', key: 'b+00000000+BA==' },
    ]);
    for (const wrong of [
      'https://w.example',
      'w.example#a+00000000+BA==',
      `${one},`,
      'https://#a+00000000+BA==',
    ])
      expect(mistakesOf({ VERBATIM_AUDIT_WITNESSES: wrong })).toEqual([
        expect.stringMatching(/^VERBATIM_AUDIT_WITNESSES must be witnesses such as/),
      ]);
  });

  it('takes an admin key of the operator only in the form of one', () => {
    const { key } = issueKey({ role: 'admin' });
    expect(loadSettings({ VERBATIM_ADMIN_KEY: key }).access.adminKey).toBe(key);
    expect(mistakesOf({ VERBATIM_ADMIN_KEY: issueKey({ role: 'auditor' }).key })).toHaveLength(1);
  });
});

describe('tokens of an identity provider', () => {
  const said = { VERBATIM_JWT_ISSUER: 'https://id.example', VERBATIM_JWT_AUDIENCE: 'verbatim' };
  const secret = 'x'.repeat(32);

  it('are accepted with one source of keys, and algorithms that fit it', () => {
    expect(loadSettings({}).tokens).toBeUndefined();
    expect(loadSettings({ ...said, VERBATIM_JWT_SECRET: secret }).tokens).toEqual({
      source: { secret },
      algorithms: ['HS256'],
      issuer: 'https://id.example',
      audience: 'verbatim',
      names: { role: 'role', bot: 'bot', toleranceMs: 5_000 },
    });
    const byUrl = {
      ...said,
      VERBATIM_JWT_JWKS_URL: 'https://id.example/keys',
      VERBATIM_JWT_ALGORITHMS: 'ES256',
    };
    expect(loadSettings(byUrl).tokens?.algorithms).toEqual(['ES256']);
  });

  it.each([
    [{ VERBATIM_JWT_SECRET: secret }, 2],
    [{ ...said }, 1],
    [{ ...said, VERBATIM_JWT_SECRET: secret, VERBATIM_JWT_JWKS_FILE: 'keys.json' }, 1],
    [{ ...said, VERBATIM_JWT_SECRET: 'short' }, 2],
    [{ ...said, VERBATIM_JWT_JWKS_URL: 'http://id.example/keys' }, 2],
    [{ ...said, VERBATIM_JWT_SECRET: secret, VERBATIM_JWT_ALGORITHMS: 'none' }, 1],
    [{ ...said, VERBATIM_JWT_SECRET: secret, VERBATIM_JWT_CLOCK_TOLERANCE: '3600' }, 1],
  ])('are refused at start with %j', (env, mistakes) => {
    expect(mistakesOf(env)).toHaveLength(mistakes);
    expect(mistakesOf(env).join()).not.toContain(secret);
  });
});

describe('masking', () => {
  it('hides passwords of URLs and secrets of keys, and nothing else', () => {
    const { key, keyId } = issueKey({ role: 'bot', bot: 'alice' });
    expect(maskSecrets(`at postgres://me:hunter2@db:5432/x with ${key}, esdb://es:2113`)).toBe(
      `at postgres://me:***@db:5432/x with vb_bot.alice.${keyId}.***, esdb://es:2113`,
    );
  });
});
