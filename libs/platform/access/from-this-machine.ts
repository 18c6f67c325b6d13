import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Headers by which proxies and networks of proxies tell whom they forward, whatever else is in their names. */
const OF_PROXIES =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|(?:x-)?(?:true-)?client-ip|x-cluster-client-ip|x-original-(?:for|host|url|forwarded-for)|x-proxyuser-ip|x-envoy-.*|cf-.*|cdn-loop|fastly-.*|x-azure-.*|x-amzn-trace-id|x-cloud-trace-context|fly-.*|x-appengine-.*|x-vercel-.*|x-nf-.*|x-(?:host|remote-ip|remote-addr|originating-ip))$/;

/** What is used of a request. */
export type Arrival = Pick<IncomingMessage, 'headers'> &
  Readonly<{ socket: Readonly<{ remoteAddress?: string | undefined }> }>;

/**
 * Whether somebody on this machine asks, and no proxy or page for somebody else: the peer is loopback, no proxy says that it
 * forwards, no page sends it, and it was addressed by a name of this machine alone, not by a name that somebody
 * else may have pointed here (DNS rebinding).
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

/** A `Host` of RFC 9110, with or without a port. */
const isLoopbackHost = (host: string): boolean => {
  const name = /^(?:\[(?<v6>[^\]]+)\]|(?<plain>[^:]*))(?::\d*)?$/.exec(host)?.groups;
  const plain = name?.['v6'] ?? name?.['plain'] ?? '';
  return plain.toLowerCase() === 'localhost' || isLoopback(plain);
};
