import { describe, expect, it } from 'vitest';
import { CONNECTION_DEFAULTS, readConnectionSettings } from './connection-settings.js';

const TIMES = {
  discoveryIntervalMs: CONNECTION_DEFAULTS.discoveryInterval,
  maxDiscoverAttempts: CONNECTION_DEFAULTS.maxDiscoverAttempts,
  gossipTimeoutMs: 1_000 * CONNECTION_DEFAULTS.gossipTimeout,
};

describe('a setting in a connection string', () => {
  it.each([
    ['esdb://a,b:2114,c', 'cluster', ['a:2113', 'b:2114', 'c:2113'], 1_000, 2_000],
    ['esdb+discover://cluster.example', 'discover', ['cluster.example:2113'], 1_000, 2_000],
    ['esdb://a', 'one', ['a:2113'], 10_000, 10_000],
  ])(
    '%s: a cluster is left sooner than a single node is given up',
    (text, kind, seeds, interval, timeout) => {
      const settings = readConnectionSettings(text);
      expect(settings).toMatchObject({ ...TIMES, kind, preference: 'leader' });
      expect(settings.seeds.map(({ address, port }) => `${address}:${port}`)).toEqual(seeds);
      expect([settings.keepAliveIntervalMs, settings.keepAliveTimeoutMs]).toEqual([interval, timeout]);
    },
  );

  it('overrides our default', () => {
    const said =
      'keepAliveInterval=3000&keepAliveTimeout=-1&gossipTimeout=7&discoveryInterval=50&maxDiscoverAttempts=2&nodePreference=follower';
    expect(readConnectionSettings(`esdb://a,b?${said}`)).toMatchObject({
      keepAliveIntervalMs: 3_000,
      keepAliveTimeoutMs: Infinity,
      gossipTimeoutMs: 7_000,
      discoveryIntervalMs: 50,
      maxDiscoverAttempts: 2,
      preference: 'follower',
    });
  });

  it('sends user and password only over TLS', () => {
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(readConnectionSettings('esdb://me:p%40ss@a').authorization).toBe(basic);
    expect(readConnectionSettings('esdb://me:p%40ss@a?tls=false').authorization).toBeUndefined();
  });

  it.each([
    ['http://a', /esdb/],
    ['esdb://a?tlsCAFile=/no/such/file', /no\/such\/file.*tlsCAFile/],
    ['esdb://a?userCertFile=/x', /userCertFile and userKeyFile/],
  ])('is refused if it cannot be obeyed: %s', (text, reason) => {
    expect(() => readConnectionSettings(text)).toThrow(reason);
  });
});
