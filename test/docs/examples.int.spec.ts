import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../../examples/bot.mjs', import.meta.url));

type Reply = (answer: object) => void;

/** Plays a server that dies at the worst moment: it cuts the connection instead of answering, once for each request. */
describe('the example bot, whose server dies instead of answering', () => {
  let http: HttpServer;
  let server: Server;
  let bot: ChildProcess | undefined;
  const posted: unknown[] = [];
  const cut = new Set<string>();

  beforeEach(async () => {
    http = createServer();
    server = new Server(http);
    server.of('/bots').on('connection', (socket) => {
      const answer = (name: string, reply: Reply, given: object): void => {
        if (cut.has(name)) reply({ ok: true, ...given });
        else socket.conn.close();
        cut.add(name);
      };
      socket.on('join', (_: unknown, reply: Reply) => answer('join', reply, {}));
      socket.on('post', (post: unknown, reply: Reply) => {
        posted.push(post);
        answer('post', reply, { seq: 7 });
      });
      socket.emit('ready', { bot: 'ada' });
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    bot?.kill('SIGKILL');
    await server.close();
  });

  it('reconnects, joins, and posts its message again under the same id', async () => {
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    bot = spawn(process.execPath, [EXAMPLE, 'hello'], { env: { ...process.env, KEY: 'k', URL: url } });
    let printed = '';
    for (const stream of [bot.stdout!, bot.stderr!]) stream.on('data', (text: Buffer) => (printed += text));
    const [code] = (await once(bot, 'close')) as [number];
    expect({ code, printed }).toEqual({ code: 0, printed: 'stored as #7\n' });
    expect(posted).toHaveLength(2);
    expect(posted[1]).toEqual(posted[0]);
  });
});
