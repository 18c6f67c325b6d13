import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressGroup, clientAddress, trustIn } from './client-address.js';

const trusted = trustIn(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);

describe('where a request comes from', () => {
  it.each([
    ['198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['10.1.2.3', '1.2.3.4, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', '10.4.4.4', '10.4.4.4'],
    ['fd00::1', '2001:db8::5', '2001:db8::5'],
  ])('peer %s, forwarded for %s: %s', (peer, forwarded, address) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(address);
  });

  it('is never what a stranger claims', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.string(), (peer, said) => {
        expect(clientAddress(peer, said, () => false)).toBe(peer);
      }),
    );
  });
});

describe('whom an address belongs to', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s: %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('is the same for all addresses of one household', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 12, maxLength: 12 }), (parts) => {
        const hex = parts.map((part) => part.toString(16));
        const [home, one, two] = [hex.slice(0, 4), hex.slice(4, 8), hex.slice(8)];
        expect(addressGroup([...home, ...one].join(':'))).toBe(addressGroup([...home, ...two].join(':')));
      }),
    );
  });
});

it.each(['10.0.0.0/33', 'example.org', '', '10.0.0.0/', 'fd00::/129'])('no network: %s', (network) => {
  expect(() => trustIn([network])).toThrow('neither an address nor a network');
});
