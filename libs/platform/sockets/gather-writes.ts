import type { Socket } from 'node:net';
import { Boundary } from '../faults/boundary.js';
import { endConnection, tcpOf } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';

const WRITES = new Boundary('sockets.writes');

/**
 * Makes the packets that Engine.IO gives to a WebSocket at one time reach the operating system in one call. Otherwise
 * each packet would take a call of its own, which costs more than everything else about a short packet. Nothing is held
 * back for longer than handing the packets over takes.
 */
export const gatherWrites = (connection: EngineConnection): void => {
  const cut = (): void => endConnection(connection);
  let corked: Socket | undefined;
  const uncork = (): void => {
    corked?.uncork();
    corked = undefined;
  };
  // Engine.IO emits `flush` before it hands over the waiting packets, and `drain` afterwards.
  connection.on(
    'flush',
    WRITES.guard(() => {
      uncork();
      corked = tcpOf(connection.transport);
      corked?.cork();
    }, cut),
  );
  connection.on('drain', WRITES.guard(uncork, cut));
};
