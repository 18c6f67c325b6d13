import type { EngineConnection, EngineTransport } from './engine-connection.js';

/**
 * The most packets in one answer to a poll. By default python-engineio accepts no more, and hangs up at the
 * seventeenth.
 */
export const POLLED_PACKETS = 16;

/** The answer of Engine.IO to a poll for a session that is gone. */
const UNKNOWN_SESSION = JSON.stringify({ code: 1, message: 'Session ID unknown' });

/**
 * Makes the answers to polls work with every client. Each answer has a limited number of packets; the others go into
 * the next one. Engine.IO's packet `close`, with which it ends a polling session, is sent only in sessions in which
 * nobody is let in (any more), because python-engineio takes it for an intended end and never comes back. Other
 * sessions learn from their poll that the session does not exist, as after a crash.
 */
export const mindPolls = (connection: EngineConnection, isLetIn: () => boolean): void => {
  const { transport } = connection;
  if (transport.name !== 'polling') return;
  const send = transport.send.bind(transport);
  transport.send = (packets) => {
    const { shouldClose } = transport;
    // Put them back before Engine.IO reports that all was sent, so that later packets come after them.
    if (packets.length > POLLED_PACKETS)
      connection.writeBuffer = [...packets.splice(POLLED_PACKETS), ...connection.writeBuffer];
    const isEnd = packets.every(({ type }) => type === 'close' || (type === 'noop' && shouldClose));
    if (isEnd && isLetIn()) {
      refusePoll(transport);
      transport.shouldClose = null;
      shouldClose?.();
    } else if (shouldClose && !isEnd) {
      // The end comes by itself, with the next poll.
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
