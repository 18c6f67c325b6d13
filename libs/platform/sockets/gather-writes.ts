import { Boundary } from '../faults/boundary.js';
import { endConnection, tcpOf } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';

const WRITES = new Boundary('sockets.writes');

/**
 * Has the packets that Engine.IO gives to a WebSocket at once reach the system in one call: it would make a call for each,
 * which costs more than all else about a short packet. Nothing is held beyond the tick.
 */
export const gatherWrites = (connection: EngineConnection): void => {
  const cut = (): void => endConnection(connection);
  connection.on(
    'flush',
    WRITES.guard(() => {
      const tcp = tcpOf(connection.transport);
      if (!tcp) return;
      tcp.cork();
      process.nextTick(WRITES.guard(() => tcp.uncork(), cut));
    }, cut),
  );
};
