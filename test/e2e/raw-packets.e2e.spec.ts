import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { RawConnection, RawPolling } from '#test/support/raw-connection.js';

const CHANNEL = 'general';

/** Sends packets by hand that no client sends. They cost the sender at most its connection. */
describe('packets that no client sends', () => {
  let verbatim: Verbatim;
  let steady: TestBot;
  let other: TestBot;
  let connect: string;
  let another: string;

  beforeAll(async () => {
    verbatim = await startVerbatim();
    const bots = ['steady', 'other', 'hostile', 'hostile-2'];
    const keys = await Promise.all(bots.map((bot) => verbatim.createBot(bot)));
    await Promise.all(bots.map((bot) => verbatim.addMember(CHANNEL, bot)));
    steady = await TestBot.connect(verbatim.url, { key: keys[0] });
    other = await TestBot.connect(verbatim.url, { key: keys[1] });
    await Promise.all([steady, other].map((bot) => bot.untilCaughtUp(CHANNEL)));
    connect = `40/bots,${JSON.stringify({ key: keys[2] })}`;
    another = `40/bots,${JSON.stringify({ key: keys[3] })}`;
  });
  afterAll(async () => {
    steady?.close();
    other?.close();
    await verbatim?.remove();
  });

  afterEach(async () => {
    const seq = await steady.say(CHANNEL, 'still here');
    await other.untilSeq(CHANNEL, seq);
    expect([steady.socket.connected, other.socket.connected]).toEqual([true, true]);
    const metrics = await (await fetch(`${verbatim.url}/metrics`)).text();
    expect(metrics.match(/^verbatim_faults_total\{.*\} [1-9]\d*$/gm)).toBeNull();
  });

  const ATTACKS: Readonly<Record<string, () => (string | Buffer)[]>> = {
    'CONNECT three times': () => [connect, connect, connect],
    'CONNECT with two keys by turns': () => [connect, another, connect, another],
    'CONNECT to every namespace, known or not': () => [
      connect,
      ...['/', '/audit', '/admin', '/other', '/__proto__'].map((name) => connect.replace('/bots', name)),
    ],
    'CONNECT with a payload that is none': () => [
      '40/bots,',
      '40/bots,null',
      '40/bots,[]',
      '40/bots,"x"',
      '40/bots,1',
    ],
    'CONNECT with a broken payload': () => ['40/bots,{"key":'],
    'DISCONNECT of namespaces never joined': () => ['41/bots,', '41/audit,', '41/other,', '41'],
    'DISCONNECT twice': () => [connect, '41/bots,', '41/bots,'],
    'CONNECT_ERROR from the client': () => [connect, '44/bots,{"message":"no"}'],
    'acknowledgements of what was never asked': () => [
      connect,
      '43/bots,0[]',
      '43/bots,999[{"ok":true}]',
      '43/bots,-1[]',
    ],
    'an acknowledgement without an id': () => [connect, '43/bots,[]'],
    'events before CONNECT': () => ['42/bots,1["who",{"channel":"general"}]', '42["post",{}]'],
    'events of reserved and odd names': () => [
      connect,
      ...[
        '"connect"',
        '"disconnect"',
        '"error"',
        '"newListener"',
        '"__proto__"',
        '1',
        'null',
        '{}',
        '[]',
      ].map((name) => `42/bots,1[${name},{}]`),
    ],
    'an event of nothing': () => [connect, '42/bots,1[]', '42/bots,1', '42/bots,1{}'],
    'a binary event with its attachment': () => [
      connect,
      '451-/bots,1["post",{"_placeholder":true,"num":0}]',
      Buffer.from([1, 2, 3]),
    ],
    'a binary event without its attachment': () => [
      connect,
      '451-/bots,1["post",{"_placeholder":true,"num":0}]',
      connect,
    ],
    'attachments nobody announced': () => [connect, Buffer.from([4, 50]), Buffer.alloc(0)],
    'placeholders beyond the attachments': () => [
      connect,
      '451-/bots,1["post",{"_placeholder":true,"num":7}]',
      Buffer.from([1]),
    ],
    'a great many attachments announced': () => [connect, '45999999999-/bots,1["post"]'],
    'a binary acknowledgement': () => [
      connect,
      '461-/bots,0[{"_placeholder":true,"num":0}]',
      Buffer.from([1]),
    ],
    'packet types there are not': () => ['47', '49/bots,', '4', '4\u0000', '5', '6', '7', '9', ''],
    'a message of nothing': () => [connect, '4'],
    'a message of nothing, before anything else': () => ['4'],
    'Engine.IO packets of the server': () => ['0{}', '1', connect],
  };

  describe.each(Object.entries(ATTACKS))('%s', (_, packets) => {
    it('harm nobody else over a WebSocket, before and after the answer', async () => {
      const raw = await RawConnection.open(verbatim.url);
      raw.send(...packets());
      const later = await RawConnection.open(verbatim.url);
      later.send(connect);
      await later.until('ready', (packet) => packet.includes('"ready"'));
      later.send(...packets());
      // Whatever happens to the two connections, the server still talks to a third.
      const third = await RawConnection.open(verbatim.url);
      third.send(another);
      await third.until('ready', (packet) => packet.includes('"ready"'));
      for (const one of [raw, later, third]) one.cut();
    });

    it('harm nobody else over polling', async () => {
      const raw = await RawPolling.open(verbatim.url);
      const text = packets().map((packet) =>
        typeof packet === 'string' ? packet : `b${packet.toString('base64')}`,
      );
      await raw.post(text.join('\u001E'));
      await raw.post('1');
    });
  });

  it('leave no connection behind', async () => {
    // A peer that closed nothing is given up after its heartbeat.
    await waitFor('the hostile to be gone', async () => (await onlineTo(steady)).length === 2, 25_000, 100);
    expect(await onlineTo(steady)).toEqual(['other', 'steady']);
  });
});

const onlineTo = async (bot: TestBot): Promise<string[]> => {
  const { bots } = await bot.must('who', { channel: CHANNEL });
  return (bots as { bot: string; state: string }[]).flatMap((one) =>
    one.state === 'online' ? [one.bot] : [],
  );
};
