import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { channelRoom } from './bot-socket.js';
import type { BotNamespace } from './bot-socket.js';
import { Broadcast } from './broadcast.js';

const KIB = 1024;

/**
 * Builds a namespace of connections, each with a number of bytes in its send buffer. It records what it sent to which
 * connections of a room.
 */
const setUp = (room: string, waiting: Readonly<Record<string, number>>) => {
  const sent: { event: string; to: string[]; payload?: unknown }[] = [];
  const ids = Object.keys(waiting);
  const sockets = new Map(
    ids.map((id) => [
      id,
      {
        data: {},
        once: () => undefined,
        conn: Object.assign(new EventEmitter(), {
          writeBuffer: [],
          transport: { name: 'websocket', socket: { bufferedAmount: waiting[id] } },
          write: (bytes: Buffer) => void sent.push({ event: bytes.toString(), to: [id] }),
        }),
      },
    ]),
  );
  const sender = (left: readonly string[]) => ({
    except: (gone: readonly string[]) => sender(left.filter((id) => !gone.includes(id))),
    emit: (event: string, payload: unknown) => {
      for (const id of left) sockets.get(id)!.conn.emit('packetCreate');
      sent.push({ event, to: [...left], ...(event === 'truncated' && { payload }) });
    },
  });
  const namespace = {
    name: '/bots',
    sockets,
    adapter: { rooms: new Map([[room, new Set(ids)]]) },
    to: (name: string) => sender(name === room ? ids : []),
  };
  const broadcast = new Broadcast();
  broadcast.into(namespace as unknown as BotNamespace);
  return { broadcast, sent };
};

describe('a broadcast', () => {
  it('of a signal leaves out its sender and whoever has more than 16 KiB waiting', () => {
    const waiting = { sender: 0, quick: 0, busy: 16 * KIB, slow: 16 * KIB + 1, paused: 900 * KIB };
    const { broadcast, sent } = setUp(channelRoom('ops'), waiting);
    broadcast.sendSignal({ channel: 'ops', bot: 'ada', type: 'typing' }, 'sender');
    expect(sent).toEqual([{ event: 'signal', to: ['quick', 'busy'] }]);
  });

  it('of a message leaves out nobody, and comes before later messages', () => {
    const { broadcast, sent } = setUp(channelRoom('ops'), { sender: 0, paused: 900 * KIB });
    broadcast.sendMessage({
      id: 'x',
      channel: 'ops',
      seq: 0,
      kind: 'posted',
      bot: 'ada',
      body: 'hi',
      at: 'now',
    });
    expect(sent).toEqual([]);
    broadcast.sendSignal({ channel: 'ops', bot: 'ada', type: 'typing' }, 'paused');
    const message = expect.stringContaining('42/bots,["message",{"id":"x"') as string;
    expect(sent).toEqual([
      { event: message, to: ['sender'] },
      { event: 'signal', to: ['sender'] },
    ]);
  });

  it('of a gap leaves out nobody, and comes after the messages before it', () => {
    const { broadcast, sent } = setUp(channelRoom('ops'), { ada: 0 });
    broadcast.sendMessage({
      id: 'x',
      channel: 'ops',
      seq: 0,
      kind: 'posted',
      bot: 'ada',
      body: 'hi',
      at: 'now',
    });
    broadcast.sendGap({ channel: 'ops', from: 1, to: 3 });
    const message = expect.stringContaining('42/bots,["message",{"id":"x"') as string;
    const payload = { channel: 'ops', from: 1, to: 3, reason: 'retention' };
    expect(sent).toEqual([
      { event: message, to: ['ada'] },
      { event: 'truncated', to: ['ada'], payload },
    ]);
  });
});
