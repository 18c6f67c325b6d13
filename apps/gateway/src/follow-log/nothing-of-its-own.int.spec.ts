import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cursorStream } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { newEvent } from '#test/support/new-event.js';

/** The tests build on one another. */
describe.each([0, 40])('gateways that began on a log of %i events without one of theirs', (others) => {
  let log: TestLog;
  let store: EventStore;
  /** Both gateways began to follow the log before it held any of their own events. */
  let first: TestGateway;
  let second: TestGateway;

  beforeAll(async () => {
    log = await startTestLog();
    store = new EventStore({ connectionString: log.connectionString });
    for (let made = 0; made < others; made += 1) await store.append('other-1', [newEvent()], 'any');
    [first, second] = await Promise.all([startTestGateway(log), startTestGateway(log)]);
  });
  afterAll(async () => {
    await second?.stop();
    await first?.stop();
    await store?.close();
    await log?.stop();
  });

  it('never stand at an impossible position, and become ready', async () => {
    for (const { app } of [first, second]) {
      await waitFor('health', () => app.get(HealthRegistry).report().ready);
      expect(app.get(LogFeed).position.commit < 2n ** 63n - 1n).toBe(true);
    }
  });

  let alice: TestBot;
  let bob: TestBot;
  let aliceKey: string;

  it('know every bot, even the gateway that was not asked', async () => {
    aliceKey = await first.bot('alice');
    const bobKey = await first.bot('bob');
    await first.channel('room');
    await first.member('room', 'alice');
    await first.member('room', 'bob');
    bob = await waitFor('the other gateway to know bob', () =>
      TestBot.connect(second.url, { key: bobKey }).catch(() => undefined),
    );
    alice = await TestBot.connect(first.url, { key: aliceKey });
    await Promise.all([alice.untilCaughtUp('room'), bob.untilCaughtUp('room')]);
  });

  it('deliver presence and messages from one to the other', async () => {
    await waitFor('word of alice', () =>
      bob.all('presence').some(({ bot, state }) => bot === 'alice' && state === 'online'),
    );
    await alice.say('room', 'one');
    await bob.say('room', 'two');
    await Promise.all([alice.untilSeq('room', 1), bob.untilSeq('room', 1)]);
  });

  const stored = async (): Promise<unknown> => {
    for await (const { data } of store.readStream(cursorStream('alice', 'default'), {
      direction: 'backwards',
      limit: 1,
    }))
      return data;
    return undefined;
  };

  it('store cursors with which a bot resumes at the other gateway', async () => {
    await alice.must('ack', { room: 0 });
    alice.close();
    expect(JSON.stringify(await stored())).toContain('"room":0');
    const again = await TestBot.connect(second.url, { key: aliceKey });
    expect(again.ready.channels).toContainEqual({ channel: 'room', cursor: 0, head: 1 });
    await again.untilSeq('room', 1);
    again.close();
    bob.close();
  });
});
