import { BlockList, isIP, isIPv6 } from 'node:net';

/** Returns whether an address belongs to a trusted proxy. */
export type IsTrusted = (address: string) => boolean;

/**
 * Returns a function that recognises the given addresses (`10.0.0.7`) and networks (`10.0.0.0/8`).
 * @throws Error that names an entry which is neither
 */
export const trustIn = (networks: readonly string[]): IsTrusted => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    const most = family === 'ipv6' ? 128 : 32;
    if (isIP(address) === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
      throw new Error(`"${network}" is neither an address nor a network`);
    list.addSubnet(address, bits === undefined ? most : Number(bits), family);
  }
  if (networks.length === 0) return () => false;
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
  };
};

/**
 * Returns the address that a request comes from. This is the peer, unless the peer is a trusted proxy: then it is the
 * last address in `X-Forwarded-For` that is not a trusted proxy. Anybody may have written the addresses before that
 * one.
 */
export const clientAddress = (
  peer: string,
  forwardedFor: string | undefined,
  isTrusted: IsTrusted,
): string => {
  let address = plainAddress(peer);
  const hops = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()));
  while (isTrusted(address)) {
    const before = hops.pop();
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
};

/**
 * Returns the address or network that stands for one owner. A household with IPv6 has 64 bits of addresses, so all of
 * them count as one.
 */
export const addressGroup = (address: string): string => {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  return `${groupsOf(plain).slice(0, 4).join(':')}::/64`;
};

/** Returns the address without its zone, and an IPv4 address in plain form when it was written as IPv6. */
const plainAddress = (address: string): string => {
  const [plain = ''] = address.split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const partsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));

/** Returns the eight groups of an IPv6 address in hexadecimal. An IPv4 tail ends up in groups that nobody reads. */
const groupsOf = (address: string): string[] => {
  const [head = '', tail] = address.split('::');
  const [before, after] = [partsOf(head), partsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map((part) =>
    (Number.parseInt(part, 16) || 0).toString(16),
  );
};
