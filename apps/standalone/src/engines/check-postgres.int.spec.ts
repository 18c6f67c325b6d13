import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import { freePort } from '#libs/platform/free-port.js';
import { makeCertificate } from '../../../../test/support/refused-starts/certificates.js';
import { ask, startChoosyPostgres } from '../../../../test/support/refused-starts/choosy-postgres.js';
import { documentedRefusals } from '../../../../test/support/refused-starts/documented-refusals.js';
import {
  startCurtPeer,
  startSilentPeer,
  startWebServer,
  type Peer,
} from '../../../../test/support/refused-starts/mute-peers.js';
import { startScriptedPostgres } from '../../../../test/support/refused-starts/scripted-postgres.js';
import { usePostgres } from '../../../../test/support/postgres.js';
import { StartRefused } from '../start-refused.js';
import { checkPostgres } from './check-postgres.js';

const SECRET = 'hunter2-secret';

const postgres = usePostgres();
let url: string;
let folder: string;
let secure: TestPostgresServer;
let secureUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-refused-'));
  const certificate = await makeCertificate(folder, 'ca', ['db.example']);
  secure = await startChoosyPostgres(certificate, [
    'host nowhere all 127.0.0.1/32 reject',
    'hostnossl onlytls all 127.0.0.1/32 reject',
  ]);
  secureUrl = await secure.createDatabase();
  await ask(secure.url, 'CREATE DATABASE onlytls');
  url = await postgres.createDatabase();
  await ask(
    url,
    `CREATE ROLE guest LOGIN PASSWORD '${SECRET}'`,
    `CREATE ROLE single LOGIN PASSWORD '${SECRET}' CONNECTION LIMIT 0`,
    `CREATE ROLE nowhere LOGIN PASSWORD '${SECRET}'`,
    'ALTER ROLE nowhere SET search_path = missing',
    'CREATE DATABASE closed',
    'REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
    'CREATE DATABASE taken',
  );
  const taken = at(url, (parts) => (parts.pathname = '/taken'));
  await ask(taken, 'CREATE TABLE projection_builds ()', 'GRANT CREATE ON SCHEMA public TO guest');
});
afterAll(async () => {
  await secure?.remove();
  await rm(folder, { recursive: true, force: true });
});

const at = (base: string, change: (parts: URL) => void): string => {
  const parts = new URL(base);
  change(parts);
  return parts.href;
};

const as = (name: string, database?: string): string =>
  at(url, (parts) => {
    parts.username = name;
    parts.password = SECRET;
    if (database !== undefined) parts.pathname = `/${database}`;
  });

/** Returns the message with the names of this run replaced by those in the document. */
const said = async (asked: string): Promise<string> => {
  const error: unknown = await checkPostgres(asked).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(StartRefused);
  const { message } = error as Error;
  for (const secret of [SECRET, new URL(url).password]) expect(message).not.toContain(secret);
  expect(message).not.toContain('\n');
  return message
    .replaceAll(/(?<=(?:127\.0\.0\.1|invalid):)\d+/g, '5432')
    .replaceAll(/test_[0-9a-f]{32}/g, 'verbatim')
    .replaceAll(`${folder}/`, '/etc/');
};

const withPeer = async (start: () => Promise<Peer>): Promise<string> => {
  const peer = await start();
  try {
    return await said(`postgres://verbatim:${SECRET}@127.0.0.1:${peer.port}/verbatim`);
  } finally {
    await peer.close();
  }
};

const ca = (): string => encodeURIComponent(join(folder, 'ca.crt'));

/** The facts that a usable server reports. */
const FIT = { version: '180000', standby: 'f', schema: 'public', mayCreate: 't', foreignOwner: '' };

/** The cases, by the first column of the table in docs/running.md. */
const CASES: Readonly<Record<string, () => Promise<string>>> = {
  'wrong password': () => said(at(as('guest'), (parts) => (parts.password = `wrong-${SECRET}`))),
  'unknown user': () => said(as('stranger')),
  'no password where one is needed': () => said(at(as('guest'), (parts) => (parts.password = ''))),
  'unknown database': () => said(as('guest', 'missing')),
  'no right to connect to the database': () => said(as('guest', 'closed')),
  'no right to make tables': () => said(as('guest')),
  'no schema in the search path': () => said(as('nowhere')),
  'tables that belong to another user': () => said(as('guest', 'taken')),
  'too many connections': () => said(as('single')),
  'a server that is starting': () =>
    withPeer(() =>
      startScriptedPostgres({ refuse: { code: '57P03', message: 'the database system is starting up' } }),
    ),
  'a version that is too old': () =>
    withPeer(() =>
      startScriptedPostgres({
        row: { ...FIT, version: '130014' },
      }),
    ),
  'a standby': () => withPeer(() => startScriptedPostgres({ row: { ...FIT, standby: 't' } })),
  'nothing listens there': async () =>
    said(`postgres://verbatim:${SECRET}@127.0.0.1:${await freePort()}/verbatim`),
  'a host name that does not resolve': () =>
    said(`postgres://verbatim:${SECRET}@no-such-host.invalid/verbatim`),
  'a web server': () => withPeer(startWebServer),
  'a peer that says nothing': () => withPeer(startSilentPeer),
  'a peer that hangs up': () => withPeer(startCurtPeer),
  'TLS towards a server without it': () => said(`${url}?sslmode=verify-full`),
  'no TLS where the server wants it': () => said(at(secureUrl, (parts) => (parts.pathname = '/onlytls'))),
  'a certificate nobody trusts': () => said(`${secureUrl}?sslmode=verify-full`),
  'a certificate for another name': () => said(`${secureUrl}?sslmode=verify-full&sslrootcert=${ca()}`),
  'an `sslrootcert` that is not there': () =>
    said(`${secureUrl}?sslmode=verify-full&sslrootcert=${join(folder, 'missing.crt')}`),
  'a machine that is not let in': () =>
    said(`${at(secureUrl, (parts) => (parts.pathname = '/nowhere'))}?sslmode=no-verify`),
  'a password with special characters as they are': () =>
    said(`postgres://verbatim:${SECRET}/x@127.0.0.1/verbatim`),
  'a port that is no number': () => said(`postgres://verbatim:${SECRET}@127.0.0.1:port/verbatim`),
};

describe.concurrent('a start on a PostgreSQL that can’t be used says why, and what to do', () => {
  const documented = documentedRefusals('PostgreSQL');

  it.each(Object.entries(CASES))('%s', async (wrong, refusal) => {
    expect(await refusal()).toBe(documented.get(wrong));
  });

  it('and the document lists no other', () => {
    expect([...documented.keys()].toSorted()).toEqual(Object.keys(CASES).toSorted());
  });

  it('but one that may be used is', async () => {
    expect(await checkPostgres(url)).toBe(url);
    const trusted = at(secureUrl, (parts) => (parts.search = `sslmode=no-verify`));
    expect(await checkPostgres(trusted)).toBe(trusted);
  });
});
