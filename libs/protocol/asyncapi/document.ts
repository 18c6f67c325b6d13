import { ADMIN } from './admin.namespace.js';
import { AUDIT } from './audit.namespace.js';
import { BOTS } from './bots.namespace.js';
import { channelOf } from './namespace.js';

export const NAMESPACES = [BOTS, ADMIN, AUDIT] as const;

const parts = NAMESPACES.map((namespace) => ({ name: namespace.name, ...channelOf(namespace) }));

/**
 * The traffic over Socket.IO as an AsyncAPI document. `docs/protocol` describes it in words, with its
 * promises.
 */
export const ASYNCAPI = {
  asyncapi: '3.0.0',
  info: {
    title: 'Verbatim',
    version: '1',
    description:
      'Event-sourced messaging for bots. Each channel is a namespace of Socket.IO v4, and each message is an event of that namespace with one argument. A reply is the argument of the event’s callback. `x-handshake-auth` describes the `auth` of the handshake.',
  },
  defaultContentType: 'application/json',
  channels: Object.fromEntries(parts.map(({ name, channel }) => [name, channel])),
  operations: Object.assign({}, ...parts.map(({ operations }) => operations)) as Record<string, object>,
};
