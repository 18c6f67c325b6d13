import { IoAdapter } from '@nestjs/platform-socket.io';
import { forgetUpgrades } from './forget-request.js';

type Create = IoAdapter['createIOServer'];
type Bind = IoAdapter['bindMessageHandlers'];

/**
 * Nest's adapter for Socket.IO, less what it keeps for each connection: what ends its message handlers, where a
 * namespace has none because it answers requests itself, and what calls `handleDisconnect`, which none of ours has.
 */
export class LeanSocketAdapter extends IoAdapter {
  override createIOServer(...args: Parameters<Create>): ReturnType<Create> {
    const server = super.createIOServer(...args);
    forgetUpgrades(server.engine);
    return server;
  }

  override bindMessageHandlers(...[socket, handlers, transform]: Parameters<Bind>): void {
    if (handlers.length > 0) super.bindMessageHandlers(socket, handlers, transform);
  }

  /** Gateways listen for the end of a connection themselves. */
  override bindClientDisconnect(): void {}
}
