import { IoAdapter } from '@nestjs/platform-socket.io';

type Bind = IoAdapter['bindMessageHandlers'];

/**
 * Nest's adapter for Socket.IO, less what it keeps for each connection to end its message handlers: where a namespace
 * has none, because it answers requests itself, that is a kilobyte a connection for nothing.
 */
export class LeanSocketAdapter extends IoAdapter {
  override bindMessageHandlers(...[socket, handlers, transform]: Parameters<Bind>): void {
    if (handlers.length > 0) super.bindMessageHandlers(socket, handlers, transform);
  }
}
