import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

type Post = Readonly<{ id: string; channel: string; body: string; data: unknown }>;

/**
 * Runs what Socket.IO itself offers against cuts: connection state recovery, kept in Redis Streams so that another
 * server can take over. Takes Redis's port and prints its own.
 */
const redis = createClient({ url: `redis://127.0.0.1:${process.argv[2]}` });
await redis.connect();

const io = new Server({
  transports: ['websocket'],
  pingInterval: 10_000,
  pingTimeout: 8_000,
  adapter: createAdapter(redis, { maxLen: 1_000_000 }),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
});

io.of('/bots').on('connection', (socket) => {
  // Recovery restores the rooms of a connection.
  if (!socket.recovered) void socket.join(String(socket.handshake.auth['channel']));
  socket.emit('ready', { recovered: socket.recovered });
  socket.on('post', ({ id, channel, body, data }: Post, reply: (answer: object) => void) => {
    io.of('/bots').to(channel).emit('message', { id, channel, body, data });
    reply({ ok: true, id });
  });
});

io.listen(0);
const address = io.httpServer.address();
if (typeof address === 'object' && address !== null) process.send?.(address.port);
process.on('disconnect', () => process.exit(0));
