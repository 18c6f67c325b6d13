import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { freePort } from '#libs/platform/free-port.js';
import { makeCertificate, type Certificate } from '../../../../test/support/refused-starts/certificates.js';
import { documentedRefusals } from '../../../../test/support/refused-starts/documented-refusals.js';
import { startGossipPeer } from '../../../../test/support/refused-starts/gossip-peer.js';
import {
  startCurtPeer,
  startSilentPeer,
  startWebServer,
} from '../../../../test/support/refused-starts/mute-peers.js';
import { StartRefused } from '../start-refused.js';
import { checkEventStore } from './check-event-store.js';

const PASSWORD = 'hunter2-secret';
const CREDENTIALS = { username: 'verbatim', password: PASSWORD };

let folder: string;
const ends: (() => Promise<void>)[] = [];
let trusted: Certificate;
let secure: number;
let plain: number;
let otherName: number;
let expired: Certificate;
let expiredPort: number;
const warnings: string[] = [];
const onWarning = (warning: Error): void => void warnings.push(`${warning}`);

const startStore = async (tls?: Certificate): Promise<number> => {
  const store = await startEmbeddedEventStore({
    dataDir: await mkdtemp(join(folder, 'store-')),
    ...(tls && { tls, credentials: CREDENTIALS }),
  });
  ends.push(() => store.close());
  return store.port;
};

beforeAll(async () => {
  process.on('warning', onWarning);
  folder = await mkdtemp(join(tmpdir(), 'verbatim-refused-'));
  trusted = await makeCertificate(folder, 'ca', ['localhost', '127.0.0.1']);
  const other = await makeCertificate(folder, 'other', ['es1.example', '10.0.0.1']);
  expired = await makeCertificate(folder, 'expired', ['127.0.0.1'], { to: new Date(Date.now() - 3_600_000) });
  [secure, plain, otherName, expiredPort] = await Promise.all([
    startStore(trusted),
    startStore(),
    startStore(other),
    startStore(expired),
  ]);
});
afterAll(async () => {
  process.off('warning', onWarning);
  await Promise.all(ends.map((end) => end()));
  await rm(folder, { recursive: true, force: true });
});

const user = `verbatim:${PASSWORD}@`;
const ca = (file: string): string => `tlsCAFile=${encodeURIComponent(join(folder, file))}`;

/** Returns the message with the ports and files of this run replaced by those in the document. */
const said = async (url: string): Promise<string> => {
  const error: unknown = await checkEventStore(url).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(StartRefused);
  const { message } = error as Error;
  expect(message).not.toContain(PASSWORD);
  expect(message).not.toContain('\n');
  return message
    .replaceAll(/(?<=(?:127\.0\.0\.1|localhost|invalid):)\d+/g, '2113')
    .replaceAll(`${folder}/`, '/etc/');
};

const withPeer = async (
  start: () => Promise<{ port: number; close(): Promise<void> }>,
  url: (port: number) => string,
): Promise<string> => {
  const peer = await start();
  try {
    return await said(url(peer.port));
  } finally {
    await peer.close();
  }
};

/** The cases, by the first column of the table in docs/running.md. */
const CASES: Readonly<Record<string, () => Promise<string>>> = {
  'wrong user or password': () =>
    said(`esdb://verbatim:wrong-${PASSWORD}@127.0.0.1:${secure}?${ca('ca.crt')}`),
  'no user and password where they are needed': () => said(`esdb://127.0.0.1:${secure}?${ca('ca.crt')}`),
  'a certificate nobody trusts': () => said(`esdb://${user}127.0.0.1:${secure}`),
  'a certificate of another authority than the one named': () =>
    said(`esdb://${user}127.0.0.1:${secure}?${ca('other.crt')}`),
  'a certificate for another name': () => said(`esdb://${user}127.0.0.1:${otherName}?${ca('other.crt')}`),
  'an expired certificate': () => said(`esdb://${user}127.0.0.1:${expiredPort}?${ca('expired.crt')}`),
  'TLS towards a server without it': () => said(`esdb://${user}127.0.0.1:${plain}`),
  'no TLS towards a server with it': () => said(`esdb://${user}127.0.0.1:${secure}?tls=false`),
  'nothing listens there': async () => said(`esdb://127.0.0.1:${await freePort()}?tls=false`),
  'a host name that does not resolve': () => said(`esdb://${user}no-such-host.invalid:2113`),
  'a web server': () => withPeer(startWebServer, (port) => `esdb://127.0.0.1:${port}?tls=false`),
  'a peer that says nothing': () => withPeer(startSilentPeer, (port) => `esdb://127.0.0.1:${port}?tls=false`),
  'a peer that hangs up': () => withPeer(startCurtPeer, (port) => `esdb://127.0.0.1:${port}?tls=false`),
  'an unknown parameter': () => said(`esdb://${user}127.0.0.1:${secure}?tlsCaFil=x`),
  'a password with special characters as they are': () =>
    said(`esdb://verbatim:x@${PASSWORD}@127.0.0.1:${secure}`),
  'a `tlsCAFile` that is not there': () => said(`esdb://${user}127.0.0.1:${secure}?${ca('missing.crt')}`),
  'a `tlsCAFile` that is no certificate': async () => {
    await writeFile(join(folder, 'text.crt'), 'not PEM');
    return said(`esdb://${user}127.0.0.1:${secure}?${ca('text.crt')}`);
  },
  'a cluster without a leader': () =>
    withPeer(
      () =>
        startGossipPeer([
          { port: 1, state: 'UNKNOWN' },
          { port: 2, state: 'LEADER', isAlive: false },
        ]),
      (port) => `esdb+discover://127.0.0.1:${port}?tls=false`,
    ),
  'a cluster whose members can’t be reached from here': async () => {
    const port = await freePort();
    return withPeer(
      () => startGossipPeer([{ port, state: 'LEADER' }]),
      (seed) => `esdb+discover://127.0.0.1:${seed}?tls=false`,
    );
  },
};

describe.concurrent('a start on an EventStoreDB that can’t be used says why, and what to do', () => {
  const documented = documentedRefusals('EventStoreDB');

  it.each(Object.entries(CASES))('%s', async (wrong, refusal) => {
    expect(await refusal()).toBe(documented.get(wrong));
  });

  it('and the document lists no other', () => {
    expect([...documented.keys()].toSorted()).toEqual(Object.keys(CASES).toSorted());
  });
});

describe('a start on an EventStoreDB that can be used', () => {
  it.each([
    ['with TLS, user and password', () => `esdb://${user}127.0.0.1:${secure}?${ca('ca.crt')}`],
    [
      'discovered, asked not to look at certificates',
      () => `esdb+discover://${user}localhost:${secure}?${ca('ca.crt')}&tlsVerifyCert=false`,
    ],
    ['without', () => `esdb://127.0.0.1:${plain}?tls=false`],
  ])('%s, gets on', async (_, url) => {
    expect(await checkEventStore(url())).toBe(url());
  });

  it('waits for one that is being started, without a warning of Node for an address instead of a name', async () => {
    const port = await freePort();
    const checked = checkEventStore(`esdb://${user}127.0.0.1:${port}?${ca('ca.crt')}`);
    const dataDir = await mkdtemp(join(folder, 'store-'));
    const store = await startEmbeddedEventStore({ dataDir, port, tls: trusted, credentials: CREDENTIALS });
    ends.push(() => store.close());
    await checked;
    expect(warnings).toEqual([]);
  });
});
