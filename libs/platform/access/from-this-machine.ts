import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Matches the headers in which proxies and CDNs say whom they forward. */
const OF_PROXIES =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|(?:x-)?(?:true-)?client-ip|x-cluster-client-ip|x-original-(?:for|host|url|forwarded-for)|x-proxyuser-ip|x-envoy-.*|cf-.*|cdn-loop|fastly-.*|x-azure-.*|x-amzn-trace-id|x-cloud-trace-context|fly-.*|x-appengine-.*|x-vercel-.*|x-nf-.*|x-(?:host|remote-ip|remote-addr|originating-ip))$/;

/** The parts of a request that are used here. */
export type Arrival = Pick<IncomingMessage, 'headers'> &
  Readonly<{ socket: Readonly<{ remoteAddress?: string | undefined }> }>;

/**
 * Returns whether the request comes from this machine itself, and is not forwarded for somebody else. The peer must be
 * loopback, no header may come from a proxy, no web page may have sent it, and the host must be a name of this machine
 * and not a name that somebody else may have pointed here (DNS rebinding).
 */
export const isFromThisMachine = ({ headers, socket }: Arrival): boolean =>
  isLoopback(socket.remoteAddress ?? '') &&
  isLoopbackHost(headers.host ?? '') &&
  headers.origin === undefined &&
  !['cross-site', 'same-site'].includes(String(headers['sec-fetch-site'])) &&
  !Object.keys(headers).some((name) => OF_PROXIES.test(name));

const isLoopback = (address: string): boolean => {
  const plain = address.replace(/^::ffff:/i, '');
  const family = isIP(plain);
  return family !== 0 && LOOPBACK.check(plain, family === 4 ? 'ipv4' : 'ipv6');
};

/** Parses a `Host` header of RFC 9110, with or without a port. */
const isLoopbackHost = (host: string): boolean => {
  const name = /^(?:\[(?<v6>[^\]]+)\]|(?<plain>[^:]*))(?::\d*)?$/.exec(host)?.groups;
  const plain = name?.['v6'] ?? name?.['plain'] ?? '';
  return plain.toLowerCase() === 'localhost' || isLoopback(plain);
};
