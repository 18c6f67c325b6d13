import type { Socket } from 'node:net';
import { Boundary } from '../faults/boundary.js';
import { endConnection, tcpOf } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';

const WRITES = new Boundary('sockets.writes');

/**
 * Has the packets that Engine.IO gives to a WebSocket at once reach the system in one call: it would make a call for each,
 * which costs more than all else about a short packet. Nothing is held longer than it takes to hand them over.
 */
export const gatherWrites = (connection: EngineConnection): void => {
  const cut = (): void => endConnection(connection);
  let corked: Socket | undefined;
  const uncork = (): void => {
    corked?.uncork();
    corked = undefined;
  };
  // Engine.IO says `flush` before it hands over what waits, and `drain` when it has.
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
