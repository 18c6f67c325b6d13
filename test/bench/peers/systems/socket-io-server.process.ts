import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server, type ServerOptions } from 'socket.io';

/**
 * A Socket.IO server for bots. Takes its port and, optionally, that of a Redis. With Redis it keeps messages in a stream,
 * acknowledges a message when Redis has answered XADD, and lets bots recover their connection.
 */
const [port = '', redisPort] = process.argv.slice(2);

type Post = Readonly<{ id: string; channel: string; body: string; data: unknown }>;
type Adapter = Readonly<{ broadcast(packet: object, options: object): Promise<void> | void }>;

const RECOVERY_MS = 30 * 60_000;
/** More than any run posts, so that nothing is trimmed. */
const MAX_STREAM = 10_000_000;
/** The type of a packet that carries an event, in Socket.IO's protocol. */
const EVENT = 2;

const withRedis = async (given: string): Promise<Partial<ServerOptions>> => {
  const redis = createClient({ url: `redis://127.0.0.1:${given}` });
  await redis.connect();
  return {
    adapter: createAdapter(redis, { maxLen: MAX_STREAM }) as unknown as NonNullable<ServerOptions['adapter']>,
    connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS, skipMiddlewares: true },
  };
};

const io = new Server({
  transports: ['websocket'],
  ...(redisPort === undefined ? {} : await withRedis(redisPort)),
});
const bots = io.of('/bots');
// `emit` of the adapter does not say when Redis has answered; `broadcast` of the same adapter does.
const { adapter } = bots as unknown as { adapter: Adapter };

bots.on('connection', (socket) => {
  // Recovery restores the rooms of a connection.
  if (!socket.recovered) void socket.join(String(socket.handshake.auth['channel']));
  socket.emit('ready', { recovered: socket.recovered });
  socket.on('post', async ({ id, channel, body, data }: Post, reply: (answer: object) => void) => {
    const message = { id, channel, bot: socket.id, at: new Date().toISOString(), kind: 'posted', body, data };
    const packet = { type: EVENT, data: ['message', message], nsp: '/bots' };
    if (redisPort === undefined) reply({ ok: true, id, channel });
    await adapter.broadcast(packet, { rooms: new Set([channel]), except: new Set(), flags: {} });
    if (redisPort !== undefined) reply({ ok: true, id, channel });
  });
});

io.listen(Number(port));
