import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Peer } from './mute-peers.js';

/** What the peer does. It speaks just enough of PostgreSQL to refuse, or to answer one question with one row. */
export type Script = Readonly<
  { refuse: Readonly<{ code: string; message: string }> } | { row: Readonly<Record<string, string>> }
>;

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const startScriptedPostgres = async (script: Script): Promise<Peer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if ('refuse' in script) return void socket.end(refusal(script.refuse));
      socket.write(Buffer.concat([message('R', int(0)), READY]));
      socket.on('data', (asked) => {
        if (asked[0] === 0x51) socket.write(answer(script.row));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const short = (value: number): Buffer => int(value).subarray(2);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const message = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int(body.length + 4), body]);
};

const READY = message('Z', Buffer.from('I'));

const refusal = ({ code, message: words }: Readonly<{ code: string; message: string }>): Buffer =>
  message(
    'E',
    Buffer.from('S'),
    text('FATAL'),
    Buffer.from('C'),
    text(code),
    Buffer.from('M'),
    text(words),
    Buffer.alloc(1),
  );

/** Returns the type of a value by its number in pg_type: int4, bool, or text for the rest. */
const typeOf = (value: string): number => (/^\d+$/.test(value) ? 23 : /^[tf]$/.test(value) ? 16 : 25);

const answer = (row: Readonly<Record<string, string>>): Buffer => {
  const cells = Object.entries(row);
  const columns = cells.map(([name, value]) =>
    Buffer.concat([text(name), int(0), short(0), int(typeOf(value)), short(-1), int(-1), short(0)]),
  );
  const values = cells.map(([, value]) => Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]));
  return Buffer.concat([
    message('T', short(cells.length), ...columns),
    message('D', short(cells.length), ...values),
    message('C', text('SELECT 1')),
    READY,
  ]);
};
