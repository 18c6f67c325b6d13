import { EventStoreDBClient } from '@eventstore/db-client';
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { UnusableConnectionString, readConnectionString, withoutVerifySwitch } from './connection-string.js';

const SECRET = 'hunter2';

describe('a connection string that can be used', () => {
  it.each([
    ['esdb://localhost?tls=false', { nodes: [{ address: 'localhost', port: 2113 }], tls: false }],
    ['esdb://a:b@h:1', { nodes: [{ address: 'h', port: 1 }], tls: true, hasCredentials: true }],
    [
      'esdb://h1:1,h2:2,h3:3',
      { discovers: true, nodes: [1, 2, 3].map((n) => ({ address: `h${n}`, port: n })) },
    ],
    ['esdb+discover://h1:1,h2:2/', { discovers: true, nodes: [{ address: 'h1', port: 1 }] }],
    ['esdb://h?connectionName=a@b', { hasCredentials: false }],
    ['esdb://h?TLS_CA_FILE=%2Fa%20b', { files: { tlsCAFile: '/a b' } }],
    ['esdb://a:p%40%3A%2F%3F@h?tlsVerifyCert=false&nodePreference=Leader', { hasCredentials: true }],
  ])('%s is read as it is meant', (text, meant) => {
    expect(readConnectionString(text)).toMatchObject(meant);
  });

  it('is read as the client reads it', () => {
    const host = fc.stringMatching(/^[a-z][a-z0-9.-]{0,10}$/);
    const word = fc
      .string({ minLength: 1 })
      .map(encodeURIComponent)
      .filter((text) => text !== '.');
    const parameter = fc.constantFrom(
      'tls=false',
      'TLS=true',
      'gossip_timeout=5',
      'nodePreference=follower',
      'tlsCAFile=ca.crt',
      'keepAliveInterval=10000',
    );
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.option(fc.tuple(word, word)),
        fc.array(fc.tuple(host, fc.option(fc.integer({ min: 1, max: 65_535 }))), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(parameter, { maxLength: 3 }),
        (discover, user, hosts, parameters) => {
          const listed = hosts.map(([name, port]) => (port === null ? name : `${name}:${port}`)).join(',');
          const text = `esdb${discover ? '+discover' : ''}://${user ? `${user.join(':')}@` : ''}${listed}${
            parameters.length > 0 ? `?${parameters.join('&')}` : ''
          }`;
          const plan = readConnectionString(text);
          const theirs = parseConnectionString(text);
          expect(plan.nodes).toEqual(discover ? theirs.hosts.slice(0, 1) : theirs.hosts);
          expect([plan.tls, plan.hasCredentials, plan.files.tlsCAFile]).toEqual([
            theirs.tls !== false,
            theirs.defaultCredentials !== undefined,
            theirs.tlsCAFile,
          ]);
        },
      ),
    );
  });
});

describe('a connection string that can’t be used is refused, its mistake named and no secret repeated', () => {
  it.each([
    [`esdb://`, /must be esdb/],
    [`esdb://?tls=false`, /names no host/],
    [`esdb://admin:${SECRET}@`, /names no host/],
    [`esdb://admin@h:2113`, /has an @ where the host should be/],
    [`esdb://admin:p@${SECRET}@h`, /%40/],
    [`esdb://admin:p:${SECRET}@h`, /%3A/],
    [`esdb://admin:${SECRET}%zz@h`, /%25/],
    [`esdb://admin:${SECRET}`, /a port that is not a number/],
    ['esdb://h:99999', /a port that is not a number/],
    ['esdb://h:0', /a port that is not a number/],
    ['esdb://[::1]:2113', /names no host that can be used/],
    [`esdb://h#${SECRET}`, /percent-encoded/],
    ['esdb://h?tls', /not parameter=value/],
    ['esdb://h?tls=', /not parameter=value/],
    ['esdb://h?tls=false&', /not parameter=value/],
    ['esdb://h?tls=no', /has a tls that is not true or false/],
    ['esdb://h?nodePreference=boss', /has a nodePreference that is not leader or follower/],
    ['esdb://h?gossipTimeout=5s', /has a gossipTimeout that is not a whole number/],
    ['esdb://h?defaultDeadline=0', /has a defaultDeadline that is not/],
    ['esdb://h?tlsCaFil=x', /no parameter called "tlsCaFil" \(did you mean tlsCAFile\?\)/],
    [`esdb://h?pass word=${SECRET}`, /no parameter called that name/],
    ['esdb://h:1?connectionName=a@b', /has an @ in a parameter/],
    ['esdb://h?userCertFile=x', /both userCertFile and userKeyFile/],
    ['esdb://h?tlsCAFile=%zz', /a % in the tlsCAFile/],
    ['http://h', /must be esdb/],
  ])('%s', (text, words) => {
    let message = '';
    try {
      readConnectionString(text);
    } catch (error) {
      expect(error).toBeInstanceOf(UnusableConnectionString);
      ({ message } = error as Error);
    }
    expect(message).toMatch(words);
    expect(message).not.toContain(SECRET);
  });
});

describe('tlsVerifyCert, which the client can’t follow', () => {
  it.each([
    ['esdb://h?tlsVerifyCert=false', 'esdb://h'],
    ['esdb://a:b@h?tls=true&tlsverifycert=true&tlsCAFile=x', 'esdb://a:b@h?tls=true&tlsCAFile=x'],
    ['esdb://h?tls=false', 'esdb://h?tls=false'],
    ['esdb://h', 'esdb://h'],
  ])('is taken out of %s', (text, left) => {
    expect(withoutVerifySwitch(text)).toBe(left);
  });

  it('makes the client print nothing then', () => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    EventStoreDBClient.connectionString(withoutVerifySwitch(`esdb://a:${SECRET}@h?tlsVerifyCert=false`));
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });
});
