import type { IncomingMessage } from 'node:http';
import { addressGroup, clientAddress } from './client-address.js';
import type { IsTrusted } from './client-address.js';

/** Of requests and of connections of Engine.IO. */
const seen = new WeakMap<object, string>();

/** The address that a request comes from, as far as proxies that are trusted tell it. */
export const clientAddressOf = (request: IncomingMessage, isTrusted: IsTrusted): string => {
  const forwarded = request.headers['x-forwarded-for'];
  const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  return clientAddress(request.socket.remoteAddress ?? '', text, isTrusted);
};

/** Remembers where a request, or the connection that began with it, comes from: later its headers may be gone. */
export const rememberAddress = (what: object, request: IncomingMessage, isTrusted: IsTrusted): void =>
  void seen.set(what, clientAddressOf(request, isTrusted));

/** The address of a request or connection that was remembered; empty for others. */
export const seenAddress = (what: object): string => seen.get(what) ?? '';

/** What stands for whoever made a request or connection: their address or, of IPv6, their network. */
export const seenSender = (what: object): string => addressGroup(seenAddress(what));
