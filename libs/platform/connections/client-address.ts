import { BlockList, isIP, isIPv6 } from 'node:net';

/** Whether an address is that of a proxy whose word is taken. */
export type IsTrusted = (address: string) => boolean;

/** Knows addresses and networks, each as `10.0.0.7` or `10.0.0.0/8`. @throws Error naming one that is neither */
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
 * Where a request comes from: its peer, or, where that is a proxy that is trusted, the last one in `X-Forwarded-For`
 * that is not. Whatever stands before that one anybody can have written.
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

/** Whom an address belongs to: of IPv6 a household has 64 bits of addresses, so these count as one. */
export const addressGroup = (address: string): string => {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  return `${groupsOf(plain).slice(0, 4).join(':')}::/64`;
};

/** Without a zone, and IPv4 as such where it is written as IPv6. */
const plainAddress = (address: string): string => {
  const [plain = ''] = address.split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const partsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));

/** The eight parts of an IPv6 address as numbers in hexadecimal. An IPv4 tail stands where nobody looks. */
const groupsOf = (address: string): string[] => {
  const [head = '', tail] = address.split('::');
  const [before, after] = [partsOf(head), partsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map((part) =>
    (Number.parseInt(part, 16) || 0).toString(16),
  );
};
