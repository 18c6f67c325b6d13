import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  startTestLog,
  type TestGateway,
  type TestLog,
} from '../../../../test/support/gateway-app.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { ChatSession } from './chat-session.js';
import { Screen } from './screen.js';

let log: TestLog;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
  await gateway.channel('general');
});

afterAll(async () => {
  await gateway.stop();
  await log.stop();
});

const chat = (bot: string, key: string, channel = 'general') => {
  const lines: string[] = [];
  const screen = new Screen((text) => void lines.push(text.trimEnd()), false);
  return { lines, session: new ChatSession({ url: gateway.url, key, bot, channel }, screen) };
};

/** Returns the lines without the time of day. */
const said = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ \d\d:\d\d:\d\d /, ' '));

describe('a chat', () => {
  it('joins, posts in order, and disconnects when everything was accepted and shown', async () => {
    const { lines, session } = chat('ann', await gateway.bot('ann'));
    for (const text of ['one', 'two', 'three']) session.post(text);
    await session.finish();
    expect(said(lines).filter((line) => line.startsWith('#'))).toEqual([
      '#0 ann: one',
      '#1 ann: two',
      '#2 ann: three',
    ]);
  });

  it('shows what was missed once, marked, and then what comes', async () => {
    const keys = [await gateway.bot('ben'), await gateway.bot('cat')] as const;
    const first = chat('ben', keys[0]);
    await first.session.finish();
    const cat = chat('cat', keys[1]);
    cat.session.post('while you were away');
    await cat.session.finish();
    const second = chat('ben', keys[0]);
    await second.session.live;
    second.session.post('here again');
    await second.session.finish();
    const third = chat('ben', keys[0]);
    await third.session.finish();
    expect(said(second.lines)).toEqual([
      '* You missed 1 message in general:',
      '| #3 cat: while you were away',
      '* You are live in general',
      '#4 ben: here again',
    ]);
    expect(said(third.lines)).toEqual(['* You are live in general']);
  });

  it('says who took its place, and ends', async () => {
    const key = await gateway.bot('dan');
    const older = chat('dan', key);
    await older.session.live;
    const newer = chat('dan', key);
    await expect(older.session.failed).rejects.toThrow(/took over/);
    older.session.close();
    await newer.session.finish();
  });

  it.each([
    ['a key that opens nothing', 'wrong', 'general', /key/],
    ['a channel that does not exist', undefined, 'nowhere', /no channel named "nowhere"/],
  ])('ends with one line for %s', async (_, key, channel, expected) => {
    const bot = `eve${channel}`;
    const { session } = chat(bot, key ?? (await gateway.bot(bot)), channel);
    await expect(session.failed).rejects.toThrow(expected);
    session.close();
  });

  it('ends with one line when nobody answers', async () => {
    const screen = new Screen(() => {}, false);
    const session = new ChatSession(
      { url: 'http://127.0.0.1:1', key: 'k', bot: 'x', channel: 'general' },
      screen,
    );
    await expect(session.failed).rejects.toThrow(/^No answer from/);
    session.close();
  });

  it('ends with one line for a certificate that nothing here trusts', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
    });
    const server = createServer({ cert, key });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const session = new ChatSession(
      { url, key: 'k', bot: 'x', channel: 'general' },
      new Screen(() => {}, false),
    );
    await expect(session.failed).rejects.toThrow(
      /^The certificate of https:\S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    );
    session.close();
    server.close();
  });

  it('reconnects and shows what it missed, each message once', async () => {
    const fay = chat('fay', await gateway.bot('fay'));
    fay.session.post('before');
    await waitFor('the first line', () => fay.lines.some((line) => line.endsWith('before')));
    // The server cuts the connection; the client reconnects by itself.
    const { engine } = (fay.session as unknown as { socket: { io: { engine: { close(): void } } } }).socket
      .io;
    engine.close();
    fay.session.post('after');
    await waitFor('the second line', () => fay.lines.some((line) => line.endsWith('after')));
    await fay.session.finish();
    expect(fay.lines).toContain('* Connection lost, retrying...');
    expect(fay.lines).toContain('* Connected again');
    const texts = fay.lines.filter((line) => line.includes('fay: ')).map((line) => line.split(': ')[1]);
    expect(texts).toEqual(['before', 'after']);
  });
});
