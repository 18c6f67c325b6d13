import { ADMIN } from './admin.namespace.js';
import { AUDIT } from './audit.namespace.js';
import { BOTS } from './bots.namespace.js';
import { channelOf } from './namespace.js';

export const NAMESPACES = [BOTS, ADMIN, AUDIT] as const;

const parts = NAMESPACES.map((namespace) => ({ name: namespace.name, ...channelOf(namespace) }));

/** What goes over Socket.IO, as an AsyncAPI document. The contract in words, with its promises, is in `docs/protocol`. */
export const ASYNCAPI = {
  asyncapi: '3.0.0',
  info: {
    title: 'Verbatim',
    version: '1',
    description:
      'Event-sourced messaging for bots. Each channel is a namespace of Socket.IO v4, each message an event of it with one argument; a reply is what the event’s callback is called with. The handshake’s `auth` is in `x-handshake-auth`.',
  },
  defaultContentType: 'application/json',
  channels: Object.fromEntries(parts.map(({ name, channel }) => [name, channel])),
  operations: Object.assign({}, ...parts.map(({ operations }) => operations)) as Record<string, object>,
};
