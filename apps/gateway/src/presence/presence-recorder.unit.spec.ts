import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { presenceStream } from '#libs/domain/stream-names.js';
import type { PresenceEvent } from '#libs/domain/presence/presence.events.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { Holder } from './held-bot.js';
import { PresenceBoard } from './presence-board.js';
import { PresenceRecorder } from './presence-recorder.js';

const holder: Holder = {
  bot: 'alice',
  consumer: 'default',
  connection: 'c1',
  supersede: () => undefined,
};

/** Builds a log that brings each append when the test says so. The first appends fail, as many as `failures` says. */
const setUp = (failures = 0) => {
  const board = new PresenceBoard();
  const log: PresenceEvent[] = [];
  let left = failures;
  const append = async (_bot: string, events: readonly PresenceEvent[]): Promise<number> => {
    await Promise.resolve();
    if (left-- > 0) throw new StoreUnavailable('away');
    log.push(...events);
    return log.length - 1;
  };
  const recorder = new PresenceRecorder(board, { append }, 'g');
  const bring = (): void => {
    for (const [revision, { type, data }] of log.entries()) {
      const change = board.apply(recordedEvent(presenceStream('alice'), revision, type, data));
      if (change) recorder.takeChange(change);
    }
  };
  return { recorder, log, bring };
};
const told = (log: readonly PresenceEvent[]): string[] =>
  log.map(({ type, data }) => ('reason' in data ? `${type} ${data.reason}` : type));

describe('recording presence', () => {
  it('says why a connection ended that ended during its announcement', async () => {
    const { recorder, log, bring } = setUp();
    recorder.connected(holder);
    recorder.disconnected(holder, 'left');
    await waitFor('the announcement', () => log.length === 1);
    bring();
    await waitFor('the end', () => log.length === 2);
    bring();
    expect(told(log)).toEqual(['BotConnected', 'BotDisconnected left']);
  });

  it('tries again while the store is away', async () => {
    const { recorder, log } = setUp(2);
    recorder.connected(holder);
    await waitFor('the announcement', () => log.length === 1);
    expect(told(log)).toEqual(['BotConnected']);
  });

  it('records the end of everything at a stop, and waits until the log shows it', async () => {
    const { recorder, log, bring } = setUp();
    recorder.connected(holder);
    await waitFor('the announcement', () => log.length === 1);
    bring();
    let stopped = false;
    const stop = recorder.stopRecording('server_stopping').then(() => (stopped = true));
    await waitFor('the end', () => log.length === 2);
    expect(stopped).toBe(false);
    bring();
    await stop;
    expect(told(log)).toEqual(['BotConnected', 'BotDisconnected server_stopping']);
  });

  it('writes at most a few times a second about a bot that comes and goes', async () => {
    const { recorder, log, bring } = setUp();
    for (let times = 0; times < 200; times += 1) {
      const connection = `c-${times}`;
      recorder.connected({ ...holder, connection });
      await new Promise(setImmediate);
      bring();
      recorder.disconnected({ ...holder, connection }, 'left');
      await new Promise(setImmediate);
      bring();
    }
    expect(log.length).toBeLessThan(40);
    await recorder.stopRecording('server_stopping');
  });
});
