import type { ClientKind } from '../generator/orders.js';
import type { BotClient, ClientOptions } from './bot-client.js';
import { DurableStreamsBot } from './durable-streams.client.js';
import { JetStreamBot } from './jetstream.client.js';
import { SocketIoClient } from './socket-io.client.js';
import { VerbatimClient } from './verbatim.client.js';

const CLIENTS = {
  'socket.io': SocketIoClient,
  verbatim: VerbatimClient,
  jetstream: JetStreamBot,
  'durable-streams': DurableStreamsBot,
} as const;

export const makeClient = (kind: ClientKind, options: ClientOptions): BotClient => new CLIENTS[kind](options);
