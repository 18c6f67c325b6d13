import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { sequence } from '#test/support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { LiveFrames } from '../socket/live-frames.js';

let log: TestLog;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log, { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' });
});
afterAll(async () => {
  await gateway.stop();
  await log.stop();
});

/** More messages than the network holds between two processes, so that the rest waits in the gateway. */
const MESSAGES = 1_500;
const BODY = 'x'.repeat(10_000);

const postAll = async (writer: TestBot, channel: string): Promise<void> => {
  for (let left = MESSAGES; left > 0; left -= 250)
    await Promise.all(sequence(1, 250).map(() => writer.must('post', { id: uuidv7(), channel, body: BODY })));
};

describe('a live bot that does not read', () => {
  it('falls back to backlog, is told so, and gets every message once; others get theirs live', async () => {
    await gateway.channel('busy');
    const writer = await TestBot.connect(gateway.url, { key: await gateway.bot('writer') });
    const slow = await TestBot.connect(gateway.url, { key: await gateway.bot('slow') });
    for (const bot of [writer, slow]) {
      await bot.must('join', { channel: 'busy' });
      await bot.untilCaughtUp('busy');
    }
    slow.pause();
    await postAll(writer, 'busy');
    await writer.untilSeq('busy', MESSAGES - 1);
    expect(writer.all('backlog')).toEqual([]);

    slow.resume();
    await slow.untilSeq('busy', MESSAGES - 1);
    expect(slow.all('notice')).toContainEqual(expect.objectContaining({ code: 'slow_consumer' }));
    expect(slow.seqs('busy')).toEqual(sequence(0, MESSAGES - 1));
    const backlog = slow.all('backlog');
    expect(backlog.length).toBeGreaterThan(0);
    const inBacklog = backlog.flatMap(({ messages }) => messages as { seq: number }[]);
    expect(backlog[0]!['missed']).toBeGreaterThanOrEqual(inBacklog.length);
    await slow.untilCaughtUp('busy');

    await writer.say('busy', 'after all that');
    await slow.untilSeq('busy', MESSAGES);
    expect(slow.all('message').at(-1)).toMatchObject({ seq: MESSAGES });
    for (const bot of [writer, slow]) bot.close();
  });
});

describe('a burst of messages', () => {
  it('reaches live bots in few writes', async () => {
    const count = 250;
    await gateway.channel('burst');
    const writer = await TestBot.connect(gateway.url, { key: await gateway.bot('burst-writer') });
    await writer.must('join', { channel: 'burst' });
    await writer.untilCaughtUp('burst');
    const writes = vi.spyOn(LiveFrames.prototype, 'flush');
    await Promise.all(sequence(1, count).map((n) => writer.say('burst', `number ${n}`)));
    await writer.untilSeq('burst', count - 1);
    expect(writes.mock.calls.length).toBeLessThan(count / 4);
    writes.mockRestore();
    writer.close();
  });
});
