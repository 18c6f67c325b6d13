import type { EngineConnection, EngineTransport } from './engine-connection.js';

/** Packets in one answer to a poll: python-engineio takes no more by default, and hangs up at the seventeenth. */
export const POLLED_PACKETS = 16;

/** As Engine.IO answers who polls for a session that is gone. */
const UNKNOWN_SESSION = JSON.stringify({ code: 1, message: 'Session ID unknown' });

/**
 * Has the answers to polls be such that every client can do with them. Each has a bounded number of packets, what is over goes into the next.
 * And Engine.IO's packet `close`, with which it ends a session that is polled, is left to sessions in which nobody is let
 * in (any more): python-engineio takes it for the end that was wanted and never comes back. The others learn from their poll that
 * there is no such session, as after a crash.
 */
export const mindPolls = (connection: EngineConnection, isLetIn: () => boolean): void => {
  const { transport } = connection;
  if (transport.name !== 'polling') return;
  const send = transport.send.bind(transport);
  transport.send = (packets) => {
    const { shouldClose } = transport;
    // Before Engine.IO says that all was sent: what is written then comes behind it.
    if (packets.length > POLLED_PACKETS)
      connection.writeBuffer = [...packets.splice(POLLED_PACKETS), ...connection.writeBuffer];
    const isEnd = packets.every(({ type }) => type === 'close' || (type === 'noop' && shouldClose));
    if (isEnd && isLetIn()) {
      refusePoll(transport);
      transport.shouldClose = null;
      shouldClose?.();
    } else if (shouldClose && !isEnd) {
      // The end comes with the next poll, by itself.
      transport.shouldClose = null;
      send(packets);
      transport.shouldClose = shouldClose;
    } else send(packets);
  };
};

const refusePoll = (transport: EngineTransport): void => {
  const { req, res } = transport;
  transport.writable = false;
  if (!req || !res) return;
  req.cleanup();
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' };
  res.writeHead(400, headers).end(UNKNOWN_SESSION);
};
