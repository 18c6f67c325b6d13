import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Message } from '#libs/protocol/message.js';
import type { BotNamespace, BotSocket } from './bot-socket.js';
import { LiveFrames } from './live-frames.js';
import { textFrame } from './text-frame.js';

const message = (seq: number): Message => ({
  id: `id-${seq}`,
  channel: 'ops',
  seq,
  kind: 'posted',
  bot: 'ada',
  body: 'hi',
  at: 'now',
});
const frameOf = (seq: number): Buffer => textFrame(`42/bots,${JSON.stringify(['message', message(seq)])}`);

/** Builds connections by name, live in the rooms that the test names. Those named `polling-…` are no WebSockets. */
const setUp = (rooms: Readonly<Record<string, readonly string[]>>) => {
  const written: { to: string; bytes: Buffer }[] = [];
  const emitted: { to: string; seq: number }[] = [];
  const ends = new Map<string, () => void>();
  const acknowledged: { to: string; packet: object }[] = [];
  const socketOf = (id: string) => ({
    data: {} as { writeHeld?: () => void },
    connected: true,
    packet: (packet: object) => void acknowledged.push({ to: id, packet }),
    conn: Object.assign(new EventEmitter(), {
      transport: { name: id.startsWith('polling') ? 'polling' : 'websocket' },
      write(this: EventEmitter, bytes: Buffer, { wsPreEncodedFrame }: { wsPreEncodedFrame?: Buffer[] } = {}) {
        this.emit('packetCreate');
        if (wsPreEncodedFrame) expect(wsPreEncodedFrame).toEqual([bytes]);
        written.push({ to: id, bytes });
      },
    }),
    emit: (_: string, { seq }: Message) => void emitted.push({ to: id, seq }),
    once: (_: 'disconnect', end: () => void) => void ends.set(id, end),
  });
  const ids = Object.values(rooms).flat();
  const live = new Map(Object.entries(rooms).map(([room, members]) => [room, new Set(members)]));
  const namespace = {
    name: '/bots',
    sockets: new Map(ids.map((id) => [id, socketOf(id)])),
    adapter: { rooms: live },
  };
  return {
    frames: new LiveFrames(namespace as unknown as BotNamespace),
    written,
    emitted,
    acknowledged,
    live,
    namespace,
    ends,
  };
};

describe('frames of one turn of the event loop', () => {
  it('go to each connection in one write, in order, whatever rooms they are for', () => {
    const { frames, written } = setUp({ ops: ['a', 'b'], dev: ['b'] });
    frames.hold('ops', 'message', message(0));
    frames.hold('dev', 'message', message(1));
    frames.hold('ops', 'message', message(2));
    expect(written).toEqual([]);
    frames.flush();
    expect(written).toEqual([
      { to: 'a', bytes: Buffer.concat([frameOf(0), frameOf(2)]) },
      { to: 'b', bytes: Buffer.concat([frameOf(0), frameOf(1), frameOf(2)]) },
    ]);
    frames.flush();
    expect(written).toHaveLength(2);
    frames.hold('dev', 'message', message(3));
    frames.flush();
    expect(written.slice(2)).toEqual([{ to: 'b', bytes: frameOf(3) }]);
  });

  it('reach only connections that were live when they were sent', () => {
    const { frames, written, live } = setUp({ ops: ['a', 'b'] });
    live.get('ops')!.delete('b');
    frames.hold('ops', 'message', message(0));
    live.get('ops')!.add('b');
    live.get('ops')!.delete('a');
    frames.hold('ops', 'message', message(1));
    frames.flush();
    expect(written).toEqual([
      { to: 'a', bytes: frameOf(0) },
      { to: 'b', bytes: frameOf(1) },
    ]);
  });

  it('are written at the end of the turn by themselves', async () => {
    const { frames, written } = setUp({ ops: ['a'] });
    frames.hold('ops', 'message', message(0));
    await Promise.resolve();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    frames.hold('ops', 'message', message(1));
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual([{ to: 'a', bytes: Buffer.concat([frameOf(0), frameOf(1)]) }]);
  });

  it('are written before anything else that is sent to their connection', async () => {
    const { frames, written, namespace } = setUp({ ops: ['a', 'b'] });
    const other = Buffer.from('an answer');
    frames.hold('ops', 'message', message(0));
    namespace.sockets.get('a')!.conn.write(other);
    expect(written).toEqual([
      { to: 'a', bytes: frameOf(0) },
      { to: 'a', bytes: other },
    ]);
    frames.hold('ops', 'message', message(1));
    await turn();
    expect(written.slice(2)).toEqual([
      { to: 'a', bytes: frameOf(1) },
      { to: 'b', bytes: Buffer.concat([frameOf(0), frameOf(1)]) },
    ]);
  });

  it('of a socket that is gone never reach the next user of its connection', async () => {
    const { frames, written, namespace, ends } = setUp({ ops: ['a'] });
    const { conn } = namespace.sockets.get('a')!;
    frames.hold('ops', 'message', message(0));
    ends.get('a')!();
    conn.write(Buffer.from('the next'));
    await turn();
    expect(written).toEqual([{ to: 'a', bytes: Buffer.from('the next') }]);
    expect(conn.listenerCount('packetCreate')).toBe(0);
  });

  it('of a socket that is gone are written if they are answers, whatever their length', () => {
    const { frames, written, namespace, ends } = setUp({ ops: ['a'] });
    const a = namespace.sockets.get('a')! as unknown as BotSocket;
    const answers = [1, 200, 8_000].map((length) => ({ ok: true, text: 'x'.repeat(length) }));
    for (const [id, answer] of answers.entries()) {
      frames.hold('ops', 'message', message(id));
      frames.holdAnswer(a, id, answer);
    }
    ends.get('a')!();
    const expected = answers.map((answer, id) => textFrame(`43/bots,${id}${JSON.stringify([answer])}`));
    expect(written).toEqual([{ to: 'a', bytes: Buffer.concat(expected) }]);
    frames.flush();
    expect(written).toHaveLength(1);
  });

  it('include answers, after the messages before them', async () => {
    const { frames, written, namespace } = setUp({ ops: ['a'] });
    const a = namespace.sockets.get('a')! as unknown as BotSocket;
    frames.holdAnswer(a, 7, { ok: true });
    frames.hold('ops', 'message', message(0));
    frames.holdAnswer(a, 8, { ok: false });
    expect(written).toEqual([]);
    await turn();
    const answers = [7, 8].map((id) => textFrame(`43/bots,${id}[{"ok":${id === 7}}]`));
    expect(written).toEqual([{ to: 'a', bytes: Buffer.concat([answers[0]!, frameOf(0), answers[1]!]) }]);
  });

  it('are written before their connection is closed, if whoever closes it says so', () => {
    const { frames, written, namespace } = setUp({ ops: ['a'] });
    const a = namespace.sockets.get('a')!;
    frames.holdAnswer(a as unknown as BotSocket, 7, { ok: true });
    a.data.writeHeld?.();
    expect(written).toEqual([{ to: 'a', bytes: textFrame('43/bots,7[{"ok":true}]') }]);
  });

  it('are written at once when an answer is large', () => {
    const { frames, written, namespace } = setUp({ ops: ['a'] });
    frames.hold('ops', 'message', message(0));
    const answer = { messages: 'x'.repeat(9_000) };
    frames.holdAnswer(namespace.sockets.get('a')! as unknown as BotSocket, 7, answer);
    const large = textFrame(`43/bots,7${JSON.stringify([answer])}`);
    expect(written).toEqual([{ to: 'a', bytes: Buffer.concat([frameOf(0), large]) }]);
  });

  it('leave answers to Socket.IO where connections poll or sockets are gone', () => {
    const { frames, written, acknowledged, namespace } = setUp({ ops: ['a', 'polling-b'] });
    const a = namespace.sockets.get('a')!;
    a.connected = false;
    for (const socket of namespace.sockets.values())
      frames.holdAnswer(socket as unknown as BotSocket, 7, { ok: true });
    frames.flush();
    expect(written).toEqual([]);
    const packet = { type: 3, id: 7, data: [{ ok: true }] };
    expect(acknowledged).toEqual([
      { to: 'a', packet },
      { to: 'polling-b', packet },
    ]);
  });

  it('do not grow without limit', () => {
    const { frames, written } = setUp({ ops: ['a'] });
    for (let seq = 0; seq < 4_096; seq += 1) frames.hold('ops', 'message', message(seq));
    expect(written).toHaveLength(1);
  });

  it('are never held for connections that poll, nor encoded for an empty room', () => {
    const { frames, written, emitted } = setUp({ ops: ['a', 'polling-b'] });
    frames.hold('ops', 'message', message(0));
    expect(emitted).toEqual([{ to: 'polling-b', seq: 0 }]);
    const unseen = { toJSON: () => expect.fail('encoded') } as unknown as Message;
    frames.hold('empty', 'message', unseen);
    frames.flush();
    expect(written).toEqual([{ to: 'a', bytes: frameOf(0) }]);
  });
});
