import { expect, it } from 'vitest';
import { openDoorWarning } from './open-door-warning.js';

it('a node that asks for a password causes no warning', () => {
  expect(openDoorWarning({ secure: true, host: '0.0.0.0' })).toBeUndefined();
  expect(openDoorWarning({ tls: {}, credentials: {}, host: '10.0.0.1' })).toBeUndefined();
});

it.each([undefined, '127.0.0.1', '127.9.9.9', '::1', 'localhost'])(
  'one that only this machine reaches (%s) is warned of in a line with what to do',
  (host) => {
    expect(openDoorWarning({ host })).toMatch(/^warning: .*every user .* of this machine can read.*--secure/);
    expect(openDoorWarning({ host, tls: {} })).toMatch(/^warning: .*--user and --password-file$/);
  },
);

it.each(['0.0.0.0', '::', '192.168.1.4', 'store.example', '127.0.0.1.example'])(
  'one that others reach (%s) is warned of loudly',
  (host) => {
    expect(openDoorWarning({ host })).toMatch(
      /^WARNING! .*encrypts nothing: EVERYBODY WHO REACHES .*--secure/,
    );
    expect(openDoorWarning({ host, tls: {} })).toMatch(/^WARNING! It asks for no password: /);
  },
);
