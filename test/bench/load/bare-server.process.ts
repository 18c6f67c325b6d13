import { Server } from 'socket.io';

type Post = Readonly<{ id: string; channel: string; body: string; data: unknown }>;

/**
 * Shows what Socket.IO costs by itself: the same frames to the same members, with nothing stored, checked or
 * remembered. Prints its port.
 */
const io = new Server({ transports: ['websocket'] });
const heads = new Map<string, number>();

io.of('/bots').on('connection', (socket) => {
  void socket.join(String(socket.handshake.auth['channel']));
  socket.emit('ready', {});
  socket.on('post', ({ id, channel, body, data }: Post, reply: (answer: object) => void) => {
    const seq = (heads.get(channel) ?? -1) + 1;
    heads.set(channel, seq);
    const at = new Date().toISOString();
    reply({ ok: true, id, channel, seq, at });
    io.of('/bots')
      .to(channel)
      .emit('message', { id, channel, seq, bot: socket.id, at, kind: 'posted', body, data });
  });
});

io.listen(0);
const address = io.httpServer.address();
if (typeof address === 'object' && address !== null) process.send?.(address.port);
process.on('disconnect', () => process.exit(0));
