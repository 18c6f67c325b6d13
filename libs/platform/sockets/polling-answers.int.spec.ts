import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import type { EngineConnection } from './engine-connection.js';
import { endConnection } from './engine-connection.js';
import { POLLED_PACKETS, mindPolls } from './polling-answers.js';

const SEPARATOR = '\u001E';

let http: HttpServer;
let io: Server;
let url: string;
let letIn: boolean;
let connection: EngineConnection;

beforeEach(async () => {
  letIn = true;
  http = createServer();
  io = new Server(http, { transports: ['polling'] });
  io.engine.on('connection', (socket: unknown) => {
    connection = socket as EngineConnection;
    mindPolls(connection, () => letIn);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(url)).text();
  url += `&sid=${(JSON.parse(opened.slice(1)) as { sid: string }).sid}`;
});
afterEach(async () => {
  await io.close();
  http.closeAllConnections();
});

type Answer = Readonly<{ status: number; packets: readonly string[] }>;

const poll = async (): Promise<Answer> => {
  const response = await fetch(url);
  return { status: response.status, packets: (await response.text()).split(SEPARATOR) };
};

const waitingPoll = async (): Promise<{ answer: Promise<Answer> }> => {
  const answer = poll();
  await waitFor('the poll to wait', () => connection.transport.writable);
  return { answer };
};

const write = (count: number): void => {
  for (let index = 0; index < count; index += 1) connection.write(`m${index}`);
};

describe('answers to polls', () => {
  it('have a limited number of packets, and the rest comes in order with the next answer', async () => {
    write(2 * POLLED_PACKETS + 5);
    const sizes: number[] = [];
    const came: string[] = [];
    while (came.length < 2 * POLLED_PACKETS + 5) {
      const { packets } = await poll();
      sizes.push(packets.length);
      came.push(...packets);
    }
    expect(sizes).toEqual([POLLED_PACKETS, POLLED_PACKETS, 5]);
    expect(came).toEqual(Array.from(came, (_, index) => `4m${index}`));
  });

  it.each([
    ['closed', () => connection.close()],
    ['closed at once', () => connection.close(true)],
    ['closed within a time', () => endConnection(connection, false)],
    ['closed with the server', () => io.engine.close()],
  ])('tell a client that was let in, and is %s, that there is no such session', async (_, close) => {
    const { answer } = await waitingPoll();
    close();
    expect((await answer).status).toBe(400);
    expect((await poll()).status).toBe(400);
  });

  it('contain everything sent before the end, and then the end', async () => {
    write(POLLED_PACKETS + 3);
    endConnection(connection, false);
    const said = await poll();
    const rest = await poll();
    expect([said.packets.length, rest.packets.length]).toEqual([POLLED_PACKETS, 3]);
    expect((await poll()).status).toBe(400);
  });

  it('bring it also to who polls again after more than what a WebSocket has to close', async () => {
    write(1);
    endConnection(connection, false);
    await pause(1_000);
    expect((await poll()).packets).toEqual(['4m0']);
  });

  it('are not waited for at the end when nobody polls', async () => {
    const ended = new Promise((resolve) => connection.once('close', resolve));
    write(1);
    endConnection(connection, false);
    const before = Date.now();
    await ended;
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it('send `close` to a client that was not let in', async () => {
    letIn = false;
    const { answer } = await waitingPoll();
    connection.close();
    expect(await answer).toEqual({ status: 200, packets: ['1'] });
  });

  it('never have more packets with a `close` than without', async () => {
    letIn = false;
    write(POLLED_PACKETS);
    connection.close();
    expect((await poll()).packets).toHaveLength(POLLED_PACKETS);
    expect((await poll()).packets).toEqual(['6', '1']);
  });
});
