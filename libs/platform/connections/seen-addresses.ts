import type { IncomingMessage } from 'node:http';
import { addressGroup, clientAddress } from './client-address.js';
import type { IsTrusted } from './client-address.js';

/** The addresses of requests and of connections of Engine.IO. */
const seen = new WeakMap<object, string>();

/** Returns the address that a request comes from, as far as trusted proxies report it. */
const clientAddressOf = (request: IncomingMessage, isTrusted: IsTrusted): string => {
  const forwarded = request.headers['x-forwarded-for'];
  const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  return clientAddress(request.socket.remoteAddress ?? '', text, isTrusted);
};

/** Remembers where a request, or the connection that began with it, comes from. Its headers may be gone later. */
export const rememberAddress = (what: object, request: IncomingMessage, isTrusted: IsTrusted): void =>
  void seen.set(what, clientAddressOf(request, isTrusted));

/** Returns the remembered address of a request or connection, or an empty text if none was remembered. */
export const seenAddress = (what: object): string => seen.get(what) ?? '';

/** Returns what identifies the sender of a request or connection: the address or, for IPv6, the network. */
export const seenSender = (what: object): string => addressGroup(seenAddress(what));
