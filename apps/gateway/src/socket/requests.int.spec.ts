import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { afterEach, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import type { BotSocket } from './bot-socket.js';
import { LiveFrames } from './live-frames.js';
import { takeRequests } from './requests.js';
import type { BotRequest } from './requests.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Starts Socket.IO itself with one client, whose requests are echoed. */
const start = async (transport: 'websocket' | 'polling') => {
  const http = createServer();
  const server = new Server(http);
  const namespace = server.of('/bots');
  const frames = new LiveFrames(namespace as never);
  const taken: BotRequest[] = [];
  const acknowledged: unknown[] = [];
  const sockets: BotSocket[] = [];
  namespace.on('connection', (plain) => {
    const socket = plain as unknown as BotSocket;
    sockets.push(socket);
    takeRequests(socket, (request) => {
      taken.push(request);
      if (request.id !== undefined) frames.holdAnswer(socket, request.id, { echo: request.payload });
    });
    plain.emit('backlog', {}, (answer: unknown) => acknowledged.push(answer));
  });
  await new Promise<void>((resolve) => http.listen(0, resolve));
  const { port } = http.address() as AddressInfo;
  const client = io(`http://127.0.0.1:${port}/bots`, { transports: [transport], forceNew: true });
  ends.push(
    () => client.close(),
    () => server.close(),
  );
  client.on('backlog', (_: object, acknowledge: (answer: string) => void) => acknowledge('read'));
  return { client, taken, acknowledged, sockets };
};

it.each(['websocket', 'polling'] as const)(
  'Requests over %s are taken in order and answered',
  async (transport) => {
    const { client, taken, acknowledged, sockets } = await start(transport);
    client.emit('signal', { no: 'answer' });
    const answers = await Promise.all(
      ['a', 'b', '€'.repeat(10_000)].map((text) => client.emitWithAck('post', { text }) as Promise<unknown>),
    );
    expect(answers).toEqual(['a', 'b', '€'.repeat(10_000)].map((text) => ({ echo: { text } })));
    expect(taken.map(({ name }) => name)).toEqual(['signal', 'post', 'post', 'post']);
    expect(taken[0]).toEqual({ name: 'signal', payload: { no: 'answer' }, id: undefined });
    await waitFor('the acknowledgement of an event', () => acknowledged.length === 1);
    expect(acknowledged).toEqual(['read']);
    client.disconnect();
    await waitFor('the end of the socket', () => !sockets[0]!.connected);
  },
);
