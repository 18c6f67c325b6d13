import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../random.js';
import { waitFor } from '../wait-for.js';
import { UnrulyNetwork } from './unruly-network.js';

let echo: Server;
let network: UnrulyNetwork;
const atServer: Socket[] = [];
const open: Socket[] = [];

beforeAll(async () => {
  echo = createServer((socket) => {
    atServer.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  network = await UnrulyNetwork.open((echo.address() as AddressInfo).port, new Random(1));
});

afterAll(async () => {
  for (const socket of [...open, ...atServer]) socket.destroy();
  await network.close();
  echo.close();
});

/** Opens a connection through the network, and records what it received and whether it has ended. */
const come = async () => {
  const socket = connect(Number(new URL(network.url).port), '127.0.0.1');
  open.push(socket);
  const seen = { socket, heard: '', hasEnded: false };
  socket.on('data', (data) => (seen.heard += data.toString()));
  socket.on('error', () => undefined).on('close', () => (seen.hasEnded = true));
  await once(socket, 'connect');
  return seen;
};

it('falls silent for old and new connections, hides that the other end has closed, and is there again', async () => {
  const old = await come();
  old.socket.write('before ');
  await waitFor('the echo', () => old.heard === 'before ');
  network.goSilent();
  old.socket.write('lost ');
  const fresh = await come();
  fresh.socket.write('lost too ');
  await waitFor('both at the server', () => atServer.length === 2);
  for (const socket of atServer) socket.destroy();
  await pause(200); // only waiting can show that nothing comes
  expect([old.heard, fresh.heard, old.hasEnded, fresh.hasEnded]).toEqual(['before ', '', false, false]);

  network.speakAgain();
  await waitFor('the old ones to be reset', () => old.hasEnded && fresh.hasEnded);
  const again = await come();
  again.socket.write('after');
  await waitFor('the echo', () => again.heard === 'after');
});
