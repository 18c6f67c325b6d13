import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { RawConnection } from '#tools/harness/bots/raw-connection.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { memoryOf } from '#tools/harness/measure/process-usage.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { sequence } from '#test/support/sequence.js';

const CHANNEL = 'strangers';
const EACH = 40;

let verbatim: Verbatim;
let key: string;
let bot: TestBot;
const sockets: Socket[] = [];

beforeAll(async () => {
  const env = {
    VERBATIM_STRANGERS_PER_ADDRESS: String(EACH),
    VERBATIM_RATE_LIMIT: '100000',
    VERBATIM_RATE_BURST: '100000',
  };
  verbatim = await startVerbatim({ env });
  await verbatim.createChannel(CHANNEL);
  key = await verbatim.createBot('alice');
  await verbatim.addMember(CHANNEL, 'alice');
  bot = await TestBot.connect(verbatim.url, { key });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  bot?.close();
  await verbatim?.remove();
});

const say = (body = 'hello') => bot.must('post', { id: uuidv7(), channel: CHANNEL, body });

/** Opens a connection on which `text` is sent, and nothing after it. */
const dial = (text = ''): Socket => {
  const { hostname, port } = new URL(verbatim.url);
  const socket = connect(Number(port), hostname, () => socket.write(text));
  socket.on('error', () => undefined).resume();
  sockets.push(socket);
  return socket;
};

const isOpen = (socket: Socket): boolean => !socket.closed;

describe('connections without a key', () => {
  it.each([
    ['say nothing', ''],
    ['send half a request', 'POST /v1/messages HTTP/1.1\r\nHost: x\r\n'],
    ['ask for what is open to everybody', 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])(
    'that %s are no more than may be; bots go on and come in',
    async (_, text) => {
      const many = sequence(1, 10 * EACH).map(() => dial(text));
      await waitFor('the others to be sent away', () => many.filter(isOpen).length <= EACH, 20_000);
      await say();
      // A client with a key finds room, at the expense of one without.
      const other = await waitFor(
        'another bot',
        () => TestBot.connect(verbatim.url, { key, consumer: 'other' }).catch(() => undefined),
        20_000,
      );
      other.close();
      await waitFor('the rest to be closed', () => !many.some(isOpen), 30_000);
    },
    90_000,
  );

  it('are not limited to the places of strangers once they have shown their keys', async () => {
    const many: TestBot[] = [];
    for (const n of sequence(1, EACH + 10))
      many.push(await TestBot.connect(verbatim.url, { key, consumer: `c-${n}` }));
    await say();
    for (const one of many) one.close();
  });
});

const memory = (): number => memoryOf(verbatim.process.pid).rssMiB;

/**
 * Resolves with the highest memory, once it has not grown for a while. By then everything that was asked for has been
 * handled.
 */
const highestMemory = async (): Promise<number> => {
  let highest = memory();
  let same = 0;
  await waitFor(
    'memory to stay',
    () => {
      const now = memory();
      same = now > highest + 2 ? 0 : same + 1;
      highest = Math.max(highest, now);
      return same > 40;
    },
    60_000,
    100,
  );
  return highest;
};

describe('answers that are not read', () => {
  const MIB = 1024 * 1024;

  beforeAll(async () => {
    for (let n = 0; n < 10; n += 1) await Promise.all(sequence(1, 20).map(() => say('x'.repeat(10_000))));
  });

  it('to 300 requests over a socket take little memory, and all arrive once they are read', async () => {
    const reader = await RawConnection.open(verbatim.url);
    reader.send(`40/bots,${JSON.stringify({ key, consumer: 'reader', resume: 'now' })}`);
    await reader.until('2/bots,["caughtup"');
    const before = memory();
    const resume = reader.pause();
    reader.send(
      ...sequence(1, 300).map((n) => `42/bots,${n}["history",{"channel":"${CHANNEL}","limit":200}]`),
    );
    await say();
    expect((await highestMemory()) - before).toBeLessThan(150);
    resume();
    await waitFor(
      'all answers',
      () => reader.received.filter((one) => one.startsWith('3/bots,')).length === 300,
      60_000,
    );
    reader.close();
  }, 150_000);

  it('to 300 pipelined requests on one connection take little memory, and to a few, all arrive', async () => {
    const asked = `GET /v1/channels/${CHANNEL}/messages?limit=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`;
    const before = memory();
    const unread = dial();
    unread.pause();
    unread.write(asked.repeat(300));
    await say();
    expect((await highestMemory()) - before).toBeLessThan(100);
    unread.destroy();
    let read = 0;
    const few = dial(asked.repeat(16)).on('data', (chunk: Buffer) => (read += chunk.length));
    await waitFor('all answers', () => read > 3 * MIB, 60_000);
    few.destroy();
  }, 150_000);
});
