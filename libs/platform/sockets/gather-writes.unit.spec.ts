import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EngineConnection } from './engine-connection.js';
import { gatherWrites } from './gather-writes.js';

const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** A connection over a socket that notes what each call of the system would bring. */
const setUp = (transport: (tcp: Writable) => object) => {
  const calls: string[][] = [];
  const tcp = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      calls.push([chunk]);
      done();
    },
    writev: (chunks: readonly { chunk: string }[], done) => {
      calls.push(chunks.map(({ chunk }) => chunk));
      done();
    },
  });
  const connection = Object.assign(new EventEmitter(), { transport: transport(tcp) });
  gatherWrites(connection as unknown as EngineConnection);
  return { connection, tcp, calls };
};

describe('packets that are given to a WebSocket at once', () => {
  it('go out in one call, with what follows in the same tick', async () => {
    const { connection, tcp, calls } = setUp((socket) => ({ socket: { _socket: socket } }));
    connection.emit('flush');
    tcp.write('a');
    tcp.write('b');
    connection.emit('flush');
    tcp.write('c');
    expect(calls).toEqual([]);
    await tick();
    expect(calls).toEqual([['a', 'b', 'c']]);
    connection.emit('flush');
    tcp.write('d');
    await tick();
    expect(calls).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('are none where the transport has no socket of its own', async () => {
    const { connection, tcp, calls } = setUp(() => ({}));
    connection.emit('flush');
    tcp.write('a');
    await tick();
    expect(calls).toEqual([['a']]);
  });
});
