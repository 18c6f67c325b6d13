import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EngineConnection } from './engine-connection.js';
import { gatherWrites } from './gather-writes.js';

/** A connection over a socket that notes what each system call would send. */
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

const overWebSocket = () => setUp((tcp) => ({ socket: { _socket: tcp } }));

describe('packets that are given to a WebSocket at once', () => {
  it('go out in one call, before anything else happens', () => {
    const { connection, tcp, calls } = overWebSocket();
    connection.emit('flush');
    tcp.write('a');
    tcp.write('b');
    expect(calls).toEqual([]);
    connection.emit('drain');
    expect(calls).toEqual([['a', 'b']]);
    expect(tcp.writableLength).toBe(0);
  });

  it('are not left behind when writing them fails', () => {
    const { connection, tcp, calls } = overWebSocket();
    connection.emit('flush');
    tcp.write('a');
    connection.emit('flush');
    tcp.write('b');
    connection.emit('drain');
    expect(calls).toEqual([['a'], ['b']]);
  });

  it('are not gathered if the transport has no socket of its own', () => {
    const { connection, tcp, calls } = setUp(() => ({}));
    connection.emit('flush');
    tcp.write('a');
    expect(calls).toEqual([['a']]);
    connection.emit('drain');
  });
});
