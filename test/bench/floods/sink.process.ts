import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';

/**
 * Receives floods and does nothing with them: sends what a client waits for, reads, and drops what it has read. Admits
 * as many connections as Verbatim does, for the same time. Sends its port to the parent process.
 */
const STRANGERS = 1_000;
const STANDING_MS = 5_000;

const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => response.end(request.method === 'GET' ? '0{"sid":"x"}' : 'ok'));
});
server.maxConnections = STRANGERS;
const shown = new WeakSet<Socket>();
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  setTimeout(() => void (shown.has(socket) || socket.destroy()), STANDING_MS).unref();
});

const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket, { socket: tcp }) => {
  socket.on('error', () => undefined);
  socket.send('0{"sid":"x","upgrades":[],"pingInterval":60000,"pingTimeout":60000,"maxPayload":1000000}');
  socket.on('message', (frame: Buffer) => {
    if (!frame.subarray(0, 2).equals(CONNECT)) return;
    shown.add(tcp);
    socket.send('40/bots,{"sid":"x"}');
    socket.send('42/bots,["ready",{}]');
  });
});
const CONNECT = Buffer.from('40');

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
