import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LoopTurns, TurnShare } from '../limits/loop-turns.js';
import { paceNewcomers } from './pace-newcomers.js';

const COUNT = 50;
const IN_A_TURN = 3;

let server: Server;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** Counts the connections that are handled in each turn of the event loop. */
const listen = async () => {
  let turn = 0;
  const begun: number[] = [];
  server = createServer((_, response) => response.end('ok'));
  server.on('connection', () => void begun.push(turn));
  const later = (call: () => void): void =>
    void setImmediate(() => {
      turn += 1;
      call();
    });
  paceNewcomers(server, new TurnShare(new LoopTurns(Infinity, undefined, later), IN_A_TURN));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { begun, port: (server.address() as AddressInfo).port };
};

const open = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
};

describe('connections that come at once', () => {
  it('are handled a few per turn, and all answered, whatever they have sent already', async () => {
    const { begun, port } = await listen();
    const answers = Array.from({ length: COUNT }, async () => {
      const socket = open(port);
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      const parts: Buffer[] = await socket.toArray();
      return Buffer.concat(parts).toString();
    });
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(begun).toHaveLength(COUNT);
    for (const turn of begun)
      expect(begun.filter((one) => one === turn).length).toBeLessThanOrEqual(IN_A_TURN);
  });

  it('and are gone before their turn cost nothing', async () => {
    const { port } = await listen();
    for (let n = 0; n < COUNT; n += 1)
      open(port).once('connect', function (this: Socket) {
        this.resetAndDestroy();
      });
    const socket = open(port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});
