import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { afterEach, expect, it, vi } from 'vitest';
import { collectGarbage } from '#test/support/collect-garbage.js';
import { forgetRequest, forgetUpgrades } from './forget-request.js';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
  'keeps neither request nor key, and the connection goes on: %s',
  async (transports) => {
    const http = createServer();
    const server = new Server(http);
    forgetUpgrades(server.engine);
    closing.push(() => server.close());
    let request: WeakRef<object> | undefined;
    const connected = new Promise<Socket>((resolve) => {
      server.on('connection', (socket) => {
        request = new WeakRef(socket.request);
        forgetRequest(socket);
        socket.on('ask', (reply: (answer: string) => void) => reply('answer'));
        resolve(socket);
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const client = io(`http://127.0.0.1:${port}`, { transports, auth: { key: 'secret' } });
    closing.push(() => client.close());
    const socket = await connected;
    expect(socket.request).toBeUndefined();
    expect(JSON.stringify(socket.handshake)).not.toContain('secret');
    await vi.waitFor(() => expect(client.io.engine.transport.name).toBe(transports.at(-1)));
    expect(await client.emitWithAck('ask')).toBe('answer');
    await vi.waitFor(() => {
      collectGarbage();
      expect(request!.deref()).toBeUndefined();
    });
  },
);
