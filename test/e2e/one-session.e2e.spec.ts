import { once } from 'node:events';
import { Manager } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { RawConnection, RawPolling } from '#test/support/raw-connection.js';

/** A consumer has one session, and so has a connection. Other namespaces on the same connection go on. */
describe('a bot that connects again on its open connection', () => {
  let verbatim: Verbatim;
  let watcher: TestBot;
  const channel = 'general';
  let number = 0;

  beforeAll(async () => {
    verbatim = await startVerbatim();
    watcher = await TestBot.connect(verbatim.url, { key: await verbatim.createBot('watcher') });
    await watcher.must('join', { channel });
    await watcher.untilCaughtUp(channel);
  });
  afterAll(async () => {
    watcher?.close();
    await verbatim?.remove();
  });

  const newBot = async (): Promise<{ bot: string; key: string; connect: string }> => {
    const bot = `bot-${(number += 1)}`;
    const key = await verbatim.createBot(bot);
    await verbatim.addMember(channel, bot);
    return { bot, key, connect: `40/bots,${JSON.stringify({ key })}` };
  };

  const saidOf = (bot: string): string[] =>
    watcher.all('presence').flatMap((one) => (one['bot'] === bot ? [one['state'] as string] : []));

  /**
   * A bot that comes and goes before this is in the log is never reported, so this waits until it is reported online.
   */
  const untilOnline = async (bot: string): Promise<void> => {
    await waitFor(`word that ${bot} is there`, () => saidOf(bot).includes('online'), 10_000, 5);
  };

  /** Resolves with what the watcher heard about a bot, up to and including its end. */
  const presenceOf = async (bot: string): Promise<unknown[]> => {
    await waitFor(`the end of ${bot}`, () => saidOf(bot).at(-1) === 'offline', 10_000, 5);
    return saidOf(bot);
  };

  it('with two CONNECTs at once has one session, and is told that only the newest counts', async () => {
    const { bot, connect } = await newBot();
    const raw = await RawPolling.open(verbatim.url);
    await raw.post([connect, connect].join('\u001E'));
    const packets = await readUntil(raw, 'connected_again');
    expect(packets.filter((packet) => packet.startsWith('40/bots'))).toHaveLength(1);
    expect(packets.filter((packet) => packet.includes('"ready"'))).toHaveLength(1);
    await raw.post('42/bots,1["who",{"channel":"general"}]');
    expect((await readUntil(raw, '43/bots,1')).at(-1)).toContain('"ok":true');
    await untilOnline(bot);
    await raw.post('1');
    expect(await presenceOf(bot)).toEqual(['online', 'offline']);
  });

  it('with two CONNECTs in quick succession has one session in the end', async () => {
    const { bot, connect } = await newBot();
    const raw = await RawConnection.open(verbatim.url);
    raw.send(connect, connect);
    await raw.until('the notice', (packet) => packet.includes('connected_again'));
    raw.send('42/bots,1["who",{"channel":"general"}]');
    await raw.until('an answer', (packet) => packet.startsWith('43/bots,1[{"ok":true'));
    expect(raw.closed).toBe(false);
    await untilOnline(bot);
    raw.cut();
    expect(await presenceOf(bot)).toEqual(['online', 'offline']);
  });

  it('with CONNECTs of other bots, after the answer and before it, becomes the bot of the newest', async () => {
    const [first, second, third] = [await newBot(), await newBot(), await newBot()];
    const raw = await RawConnection.open(verbatim.url);
    raw.send(first.connect);
    await raw.until('ready', (packet) => packet.includes('"ready"'));
    await untilOnline(first.bot);
    raw.send(second.connect, third.connect);
    await raw.until('ready of the newest', (packet) => packet.includes(`"bot":"${third.bot}"`));
    raw.send('42/bots,1["signal",{"channel":"general","type":"here"}]');
    const said = await waitFor('the signal', () => watcher.all('signal').at(-1), 10_000, 5);
    expect(said).toMatchObject({ bot: third.bot, type: 'here' });
    expect(await presenceOf(first.bot)).toEqual(['online', 'offline']);
    await untilOnline(third.bot);
    raw.cut();
    expect(await presenceOf(third.bot)).toEqual(['online', 'offline']);
  });

  it('with a CONNECT that is refused has no session, and its connection stays open', async () => {
    const { bot, connect } = await newBot();
    const raw = await RawConnection.open(verbatim.url);
    raw.send(connect);
    await raw.until('ready', (packet) => packet.includes('"ready"'));
    await untilOnline(bot);
    raw.send('40/bots,{"key":"wrong"}');
    await raw.until('the refusal', (packet) => packet.startsWith('44/bots,'));
    expect(await presenceOf(bot)).toEqual(['online', 'offline']);
    raw.send(connect);
    await waitFor('ready again', () => raw.all('"ready"').length === 2, 10_000, 5);
    raw.cut();
  });

  it('can cancel a CONNECT by a DISCONNECT before the answer', async () => {
    const { bot, connect } = await newBot();
    const raw = await RawPolling.open(verbatim.url);
    await raw.post([connect, '41/bots,', connect].join('\u001E'));
    const packets = await readUntil(raw, '"ready"');
    await untilOnline(bot);
    await raw.post('41/bots,');
    expect(await presenceOf(bot)).toEqual(['online', 'offline']);
    expect(packets.filter((packet) => packet.startsWith('40/bots'))).toHaveLength(1);
  });

  it('closes its WebSocket by itself once its session is over, whatever it sent before it knew', async () => {
    const { key, connect } = await newBot();
    const closedByBot = 4_000;
    const socket = new WebSocket(`${verbatim.url}/socket.io/?EIO=4&transport=websocket`);
    const ready = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const packet = data.toString();
        if (packet.startsWith('0')) socket.send(connect);
        if (packet.startsWith('42/bots,["ready"')) resolve();
        if (!packet.startsWith('41/bots')) return;
        socket.send(`42/bots,1["who",{"channel":"${channel}"}]`);
        socket.close(closedByBot);
      });
    });
    await ready;
    const closed = once(socket, 'close');
    const newer = await TestBot.connect(verbatim.url, { key });
    expect((await closed)[0]).toBe(closedByBot); // the server's own closing has no such code
    newer.close();
  });

  describe('with the standard client, next to a console on the same Manager', () => {
    let manager: Manager;
    let console: Socket;
    let ends: string[];

    const open = async (): Promise<void> => {
      manager = new Manager(verbatim.url, { transports: ['websocket'], reconnection: false });
      console = manager.socket('/admin', { auth: { key: verbatim.adminKey } });
      ends = [];
      console.on('disconnect', (reason) => ends.push(reason));
      await new Promise<void>((resolve) => void console.once('ready', () => resolve()));
    };

    it('connects, disconnects and connects: it has one session, and the console goes on', async () => {
      await open();
      const { bot, key } = await newBot();
      const socket = manager.socket('/bots', { auth: { key } });
      const notices: unknown[] = [];
      socket.on('notice', (notice) => notices.push(notice));
      const ready = new Promise<void>((resolve) => void socket.once('ready', () => resolve()));
      socket.connect();
      socket.disconnect();
      socket.connect();
      await ready;
      expect(await socket.emitWithAck('who', { channel })).toMatchObject({ ok: true });
      expect(socket.connected).toBe(true);
      socket.disconnect();
      expect(await presenceOf(bot)).toEqual(['online', 'offline']);
      expect(ends).toEqual([]);
      expect(console.connected).toBe(true);
      console.disconnect();
    });

    it('is superseded from another connection: the console goes on, and nobody is told that the bot was away', async () => {
      await open();
      const { bot, key } = await newBot();
      const older = manager.socket('/bots', { auth: { key } });
      const notices: { code: string }[] = [];
      older.on('notice', (notice: { code: string }) => notices.push(notice));
      await new Promise<void>((resolve) => void older.once('ready', () => resolve()));
      const newer = await TestBot.connect(verbatim.url, { key });
      await waitFor('the end of the older', () => !older.connected, 10_000, 5);
      expect(notices).toMatchObject([{ code: 'superseded' }]);
      expect(ends).toEqual([]);
      expect(await console.emitWithAck('nothing')).toMatchObject({ error: { code: 'unknown_event' } });
      newer.close();
      expect(await presenceOf(bot)).toEqual(['online', 'offline']);
      console.disconnect();
    });

    it('loses access: the console goes on', async () => {
      await open();
      const { bot, key } = await newBot();
      const socket = manager.socket('/bots', { auth: { key } });
      await new Promise<void>((resolve) => void socket.once('ready', () => resolve()));
      await verbatim.request('POST', `/v1/bots/${bot}/suspend`);
      await waitFor('the end of the session', () => !socket.connected, 10_000, 5);
      expect(await console.emitWithAck('nothing')).toMatchObject({ error: { code: 'unknown_event' } });
      console.disconnect();
    });
  });
});

/** Reads until a packet contains `part`, and resolves with all packets so far. */
const readUntil = async (raw: RawPolling, part: string): Promise<string[]> => {
  const packets: string[] = [];
  while (!packets.some((packet) => packet.includes(part))) packets.push(...(await raw.read()));
  return packets;
};
