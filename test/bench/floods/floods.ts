import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { RawConnection } from '#tools/harness/bots/raw-connection.js';
import { rawRequest } from '#tools/harness/http/raw-request.js';

/** The target of a flood: a server, and a bot in a channel with 200 messages of 10 kB. */
export type Target = Readonly<{ url: string; key: string; channel: string }>;

/** Starts a flood. @returns a function that ends it */
export type Flood = (target: Target) => () => void;

const POLLING = '/socket.io/?EIO=4&transport=polling';
const KEYLESS = 2_000;

/**
 * Repeats an action. Each round starts this long after the previous one has ended.
 * @returns a function that stops it
 */
const again = (everyMs: number, act: () => Promise<unknown> | void): (() => void) => {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    try {
      await act();
    } catch {
      // The next round replaces a connection that was cut.
    }
    if (!isOver) timer = setTimeout(() => void round(), everyMs);
  };
  void round();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};

const handshakes: Flood = ({ url }) => {
  const payload = Array.from({ length: 330_000 }, () => '40').join('\u001e');
  return again(100, async () => {
    const { text } = await rawRequest(url, { method: 'GET', path: POLLING });
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    await rawRequest(url, { method: 'POST', path: `${POLLING}&sid=${sid}`, body: payload });
  });
};

/** Makes a flood over one connection of a bot. The connection is opened again whenever it is closed. */
const asBot =
  (everyMs: number, act: (connection: RawConnection, target: Target) => void): Flood =>
  (target) => {
    let connection: RawConnection | undefined;
    const stop = again(everyMs, async () => {
      if (!connection || connection.closed) {
        connection = await RawConnection.open(target.url);
        connection.send(`40/bots,${JSON.stringify({ key: target.key, resume: 'now' })}`);
        if (!(await connection.until('2/bots,["ready"'))) return;
      }
      act(connection, target);
    });
    return () => {
      stop();
      connection?.close();
    };
  };

const times = (count: number, frame: string): string[] => Array.from({ length: count }, () => frame);

const history = asBot(1_000, (connection, { channel }) => {
  connection.pause();
  connection.send(...times(300, `42/bots,7["history",{"channel":"${channel}","limit":200}]`));
});

const largePosts = asBot(200, (connection) => {
  connection.send(`42/bots,7["post",{"body":"${'x'.repeat(800_000)}"}]`);
});

const fittingPosts = asBot(20, (connection) => {
  connection.send(...times(10, `42/bots,7["post",{"body":"${'x'.repeat(60_000)}"}]`));
});

const unknownEvents = asBot(50, (connection) => connection.send(...times(2_000, '42/bots,7["x"]')));

const memberships = asBot(50, (connection, { channel }) => {
  for (const event of ['leave', 'join']) connection.send(`42/bots,7["${event}",{"channel":"${channel}"}]`);
});

const flapping: Flood = ({ url, key }) => {
  let made = 0;
  return again(20, async () => {
    const connection = await RawConnection.open(url);
    connection.send(`40/bots,${JSON.stringify({ key, consumer: `c-${(made += 1)}`, resume: 'now' })}`);
    await connection.until('0/bots');
    connection.close();
  });
};

/** Makes a flood that keeps connections open, and replaces each one that is closed. */
const standing =
  (count: number, text: string): Flood =>
  ({ url }) => {
    const { hostname, port } = new URL(url);
    const open = new Set<Socket>();
    const stop = again(100, () => {
      for (let missing = Math.min(200, count - open.size); missing > 0; missing -= 1) {
        const socket = connect(Number(port), hostname, () => socket.write(text));
        open.add(socket);
        socket.on('error', () => undefined).on('close', () => open.delete(socket));
        socket.resume();
      }
    });
    return () => {
      stop();
      for (const socket of open) socket.destroy();
    };
  };

const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

export const FLOODS: Readonly<Record<string, Flood>> = {
  'handshakes in a polling payload of 990 kB': handshakes,
  '300 histories at once, not read': history,
  'refused posts of 800 kB, 5 a second': largePosts,
  'refused posts of 60 kB, 500 a second': fittingPosts,
  'unknown events of a few bytes, 40,000 a second': unknownEvents,
  'leave and join, 20 a second each': memberships,
  'a bot that comes and goes under new names': flapping,
  '2,000 half-open connections': standing(KEYLESS, 'GET / HTTP/1.1\r\nHost: x\r\n'),
  '2,000 connections without a key': standing(KEYLESS, UPGRADE),
};
