import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConnectionString } from '#libs/event-store/connection/connection-string.js';
import { StoreFault, StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { callTrouble, memberToTry, nodeTrouble, spokenIn } from './event-store-trouble.js';
import { networkTrouble, type Connection } from './network-trouble.js';
import { postgresTrouble, unfitPostgres, type PostgresPlan } from './postgres-trouble.js';
import { PATIENCE_MS } from './trouble.js';

const connection: Connection = {
  who: 'It',
  place: 'h:1',
  host: 'h',
  setting: 'SETTING',
  authority: { parameter: 'caFile' },
};

const silent = { kind: 'silent' } as const;
const bytes = (...values: number[]) => ({ kind: 'bytes', bytes: Buffer.from(values) }) as const;

const member = (state: string, isAlive = true) => ({ node: { address: state, port: 1 }, state, isAlive });

const refused = (code: number, message = 'no'): Error =>
  new StoreFault('The event store refused', { cause: Object.assign(new Error(message), { code }) });
const refusalTo = (code: number, url: string): string =>
  callTrouble(refused(code), readConnectionString(url)).words;

describe('an error of the network or a certificate', () => {
  it.each([
    ['ECONNREFUSED', /nothing listens at h:1.*SETTING/, PATIENCE_MS],
    ['ENOENT', /nothing listens at h:1/, PATIENCE_MS],
    ['ENOTFOUND', /"h" does not resolve/, PATIENCE_MS],
    ['EAI_AGAIN', /"h" does not resolve/, PATIENCE_MS],
    ['EHOSTUNREACH', /no route to h:1/, PATIENCE_MS],
    ['ETIMEDOUT', /no route to h:1/, PATIENCE_MS],
    ['SELF_SIGNED_CERT_IN_CHAIN', /no trusted authority has signed.*caFile in SETTING/, 0],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /no trusted authority has signed/, 0],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /not for "h"/, 0],
    ['CERT_HAS_EXPIRED', /has expired/, 0],
    ['CERT_NOT_YET_VALID', /not valid yet/, 0],
    ['CERT_REVOKED', /can't be used/, 0],
  ])('%s has words of its own', (code, words, patienceMs) => {
    const trouble = networkTrouble({ code }, connection);
    expect(trouble?.words).toMatch(words);
    expect(trouble?.patienceMs).toBe(patienceMs);
  });

  it('of another kind has none', () => {
    expect(networkTrouble({ code: '28P01' }, connection)).toBeUndefined();
    expect(networkTrouble({}, connection)).toBeUndefined();
  });
});

describe('what a node answers first', () => {
  it.each([
    ['http2', [0, 0, 18, 4, 0, 0, 0, 0, 0]],
    ['http1', [...Buffer.from('HTTP/1.1 400 Bad Request')]],
    ['tls', [0x15, 0x03, 0x01, 0, 2, 2, 0x16]],
    ['other', [...Buffer.from('220 mail.example ESMTP')]],
  ] as const)('is recognised as %s', (spoken, first) => {
    expect(spokenIn(bytes(...first))).toBe(spoken);
  });

  it('is never taken for trouble when it is HTTP/2, and for some otherwise', () => {
    const plan = readConnectionString('esdb://a:hunter2@h:1');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (first) => {
        const asked = { kind: 'bytes', bytes: Buffer.from(first) } as const;
        const trouble = nodeTrouble({ address: 'h', port: 1 }, plan, { asked, otherWay: silent });
        expect(trouble === undefined).toBe(spokenIn(asked) === 'http2');
      }),
    );
  });
});

describe('a node that is spoken to and refuses the call', () => {
  it.each([
    [16, 'esdb://a:b@h', /does not accept the user and password/],
    [7, 'esdb://h', /asks for a user and a password: write them before the host/],
    [7, 'esdb://a:b@h?tls=false', /not sent without TLS/],
    [7, 'esdb://a:b@h', /may not read \$all/],
    [12, 'esdb://h', /is not an EventStoreDB/],
  ])('with status %i to %s gets an explanation', (code, url, expected) => {
    expect(refusalTo(code, url)).toMatch(expected);
  });

  it('is waited for when the trouble may pass', () => {
    const notReady = new StoreUnavailable('The event store cannot be reached: Server not ready.\nmore');
    const trouble = callTrouble(notReady, readConnectionString('esdb://h'));
    expect(trouble.words).toContain('Server not ready. Check');
    expect(trouble.patienceMs).toBe(PATIENCE_MS);
    expect(callTrouble(refused(7), readConnectionString('esdb://h')).patienceMs).toBe(0);
    // A server on a new disk creates its users a moment after it answers.
    expect(callTrouble(refused(16), readConnectionString('esdb://a:b@h')).patienceMs).toBe(1500);
  });
});

describe('of the members of a cluster', () => {
  it('the leader is checked, or another one that could be used', () => {
    expect(memberToTry([member('FOLLOWER'), member('LEADER')])?.state).toBe('LEADER');
    expect(memberToTry([member('LEADER', false), member('FOLLOWER')])?.state).toBe('FOLLOWER');
    expect(memberToTry([member('UNKNOWN'), member('CATCHINGUP'), member('LEADER', false)])).toBeUndefined();
  });
});

const plan: PostgresPlan = { host: 'h', place: 'h:1', user: 'u', database: 'd', tls: false };

describe('an error of PostgreSQL', () => {
  it.each([
    ['28P01', 'пароль не подошёл', /does not accept the password of user "u"/, 0],
    ['28000', 'Rolle existiert nicht', /does not let user "u" into "d" \(Rolle existiert nicht\)/, 0],
    ['28000', 'no pg_hba.conf entry for host "x", no encryption', /add sslmode=verify-full/, 0],
    ['28000', 'no pg_hba.conf entry for host "x", SSL encryption', /add a line to its pg_hba.conf/, 0],
    ['57P03', 'the database system is shutting down', /accepts no connections yet/, PATIENCE_MS],
    ['53300', 'sorry, too many clients already', /no connection free/, PATIENCE_MS],
    ['XX000', 'cache lookup failed', /does not answer \(cache lookup failed\)/, PATIENCE_MS],
    [undefined, 'timeout expired', /sends nothing/, PATIENCE_MS],
    ['ECONNRESET', 'read ECONNRESET', /ends the connection/, PATIENCE_MS],
  ])('%s "%s" has words of its own', (code, message, words, patienceMs) => {
    const trouble = postgresTrouble({ ...(code && { code }), message }, plan);
    expect(trouble.words).toMatch(words);
    expect(trouble.patienceMs).toBe(patienceMs);
  });

  it('does not concern a server that is new enough and lets us create tables', () => {
    const fit = { version: 150_000, standby: false, schema: 'public', mayCreate: true, foreignOwner: null };
    expect(unfitPostgres(fit, plan)).toBeUndefined();
    expect(unfitPostgres({ ...fit, version: 149_999 }, plan)?.words).toMatch(/version 14, too old/);
    expect(unfitPostgres({ ...fit, mayCreate: false }, plan)?.words).toMatch(
      /GRANT CREATE ON SCHEMA public TO u/,
    );
  });
});
