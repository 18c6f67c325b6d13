import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Encoder } from 'socket.io-parser';
import type { ConnectionLimits } from '../connections/guard-connections.js';
import { allowPages, corsOf } from '../origins/origins.js';
import { RequestError } from '#libs/protocol/errors.js';
import { FRAME_BYTES, guardEngine } from './engine-door.js';
import type { Engine } from './engine-door.js';
import { forgetUpgrades } from './forget-request.js';
import { ExactDecoder } from './packets/exact-decoder.js';

type Create = IoAdapter['createIOServer'];
type Bind = IoAdapter['bindMessageHandlers'];

/**
 * Nest's adapter for Socket.IO, without some of what it keeps for each connection: the subject that ends its message
 * handlers, where a namespace has no handlers because it answers requests itself, and the listener that calls
 * `handleDisconnect`, which none of our gateways has.
 */
export class LeanSocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly limits: ConnectionLimits,
    private readonly origins: readonly string[],
  ) {
    super(app);
  }

  override createIOServer(...args: Parameters<Create>): ReturnType<Create> {
    const [port, options] = args;
    const bounded = {
      ...options,
      serveClient: false,
      maxHttpBufferSize: FRAME_BYTES,
      parser: { Encoder, Decoder: ExactDecoder },
      allowRequest: allowPages(this.origins),
      ...(this.origins.length > 0 && { cors: corsOf(this.origins) }),
    };
    const server = super.createIOServer(port, bounded as typeof options);
    forgetUpgrades(server.engine);
    guardEngine(server.engine as unknown as Engine, this.limits, (call) =>
      this.httpServer.once('close', call),
    );
    refuseRoot(server);
    return server;
  }

  override bindMessageHandlers(...[socket, handlers, transform]: Parameters<Bind>): void {
    if (handlers.length > 0) super.bindMessageHandlers(socket, handlers, transform);
  }

  /** Does nothing, because our gateways listen for the end of a connection themselves. */
  override bindClientDisconnect(): void {}
}

/**
 * Refuses connections to the namespace that Socket.IO always has. Nothing happens there, and it would let everybody in.
 */
const refuseRoot = (server: ReturnType<Create>): void => {
  const refusal = new RequestError(
    'not_found',
    'There is nothing here: connect to a namespace, such as /bots',
  );
  server
    .of('/')
    .use((_, next) => next(Object.assign(new Error(refusal.message), { data: refusal.toWire() })));
};
