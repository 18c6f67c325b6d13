import { describe, expect, it } from 'vitest';
import { isFromThisMachine } from './from-this-machine.js';

const asked = (headers: Readonly<Record<string, string>> = {}, remoteAddress = '127.0.0.1'): boolean =>
  isFromThisMachine({ headers: { host: 'localhost:8000', ...headers }, socket: { remoteAddress } });

describe('a request from this machine', () => {
  it.each(['localhost', 'LOCALHOST:8000', '127.0.0.1:8000', '127.1.2.3', '[::1]', '[::1]:8000'])(
    'is addressed to a name of this machine alone, such as %s',
    (host) => expect(asked({ host })).toBe(true),
  );

  it.each(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'])('comes from %s', (address) =>
    expect(asked({}, address)).toBe(true),
  );

  it.each(['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', ''])('does not come from %s', (address) =>
    expect(asked({}, address)).toBe(false),
  );

  it.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '[::1].evil.example',
    '10.0.0.7',
    '0.0.0.0:8000',
    '',
  ])('is not addressed to "%s", a name that somebody may have pointed here', (host) =>
    expect(asked({ host })).toBe(false),
  );

  it.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
    'forwarded',
    'via',
    'cf-connecting-ip',
    'true-client-ip',
    'x-client-ip',
    'client-ip',
    'x-cluster-client-ip',
    'x-original-forwarded-for',
    'x-envoy-external-address',
    'fastly-client-ip',
    'x-azure-clientip',
    'fly-client-ip',
    'x-appengine-user-ip',
    'x-vercel-forwarded-for',
    'x-amzn-trace-id',
    'cdn-loop',
  ])('was not forwarded by a proxy that says so (%s)', (name) =>
    expect(asked({ [name]: '127.0.0.1' })).toBe(false),
  );

  it('is not sent by a web page, whatever its origin', () => {
    expect(asked({ origin: 'http://localhost:8000' })).toBe(false);
    expect(asked({ 'sec-fetch-site': 'cross-site' })).toBe(false);
    expect(asked({ 'sec-fetch-site': 'none' })).toBe(true);
  });

  it('may have any other header', () => {
    expect(asked({ accept: 'text/plain', 'user-agent': 'Prometheus/2.51', 'x-request-id': '7' })).toBe(true);
  });
});
