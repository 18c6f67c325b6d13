import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { endConnections, guardConnections } from './guard-connections.js';

const LIMITS = { strangers: 10, strangersEach: 10, isTrusted: () => false };

let server: Server;
let peer: Socket;

afterEach(() => {
  peer.destroy();
  server.close();
});

/** Connects a peer that writes this text and then nothing more. */
const come = async (to: Server, words: string): Promise<void> => {
  server = to;
  guardConnections(server, LIMITS);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [taken] = (await once(server, 'connection')) as [Socket];
  peer.on('error', () => undefined).write(words);
  if (words !== '') await once(taken, 'data');
};

describe('the end of all connections of a server', () => {
  it.each([
    ['says nothing', () => createServer(), ''],
    [
      'is in the middle of a request',
      () => createServer(),
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1',
    ],
    [
      'has changed to another protocol',
      () => createServer().on('upgrade', () => undefined),
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['has not shaken hands over TLS', () => createTlsServer() as unknown as Server, ''],
  ])('lets it close although a peer %s', async (_, make, words) => {
    await come(make(), words);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    endConnections(server);
    await closed;
    expect(server.listening).toBe(false);
  });
});
