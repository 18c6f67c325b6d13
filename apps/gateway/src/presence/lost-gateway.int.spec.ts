import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOnline } from '#libs/domain/presence/presence.js';
import { presenceStream } from '#libs/domain/stream-names.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { GatewaySnapshots } from '../follow-log/gateway-snapshots.js';
import { StateFollower } from '../follow-log/state-follower.js';
import { startTestLog } from '#test/support/gateway-app.js';
import type { TestLog } from '#test/support/gateway-app.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { GatewayWatch } from './gateway-watch.js';
import type { Holder } from './held-bot.js';
import { PresenceBoard } from './presence-board.js';
import { PresenceRecorder } from './presence-recorder.js';
import { PresenceStreams } from './presence-streams.js';

let log: TestLog;
let store: EventStore;
const running: (() => Promise<void>)[] = [];
beforeAll(async () => {
  log = await startTestLog();
  store = new EventStore({ connectionString: log.connectionString });
});
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});
afterAll(async () => {
  await store?.close();
  await log?.stop();
});

/** Builds the presence of a gateway without sockets, whose heartbeat the test controls. */
const startGateway = async (name: string, beatMs = 40) => {
  const board = new PresenceBoard();
  const watch = new GatewayWatch(store, board, name, beatMs);
  const recorder = new PresenceRecorder(board, new PresenceStreams(store, name), name);
  const snapshots = new GatewaySnapshots(store, name, { warn: () => undefined });
  const follower = new StateFollower(store, snapshots, new Redactions(), board, watch);
  const feed = new LogFeed(store);
  await follower.follow(feed, {
    onPresence: (change) => recorder.takeChange(change),
    onCaughtUp: () =>
      watch.start({
        onLost: (gateway) => recorder.gatewayLost(gateway),
        onHeard: (gateway) => recorder.gatewayHeard(gateway),
      }),
  });
  feed.start('end');
  await feed.caughtUp;
  const stop = async (): Promise<void> => {
    await recorder.stopRecording('server_stopping');
    await watch.stopHeartbeat();
    await feed.close();
  };
  running.push(stop);
  return { recorder, isOnline: (bot: string) => isOnline(board.presenceOf(bot)) };
};

const connection = (bot: string, id: string): Holder => ({
  bot,
  consumer: 'default',
  connection: id,
  supersede: () => undefined,
});

/** Writes what a killed gateway leaves behind: connections that nobody closed. */
const leftBehind = async (bots: readonly string[]): Promise<void> => {
  const streams = new PresenceStreams(store, 'dead/1');
  for (const bot of bots) {
    const data = { bot, consumer: 'default', connection: `${bot}-1`, gateway: 'dead/1' };
    await streams.append(bot, [{ type: 'BotConnected', data }], -1);
  }
};

const reasons = async (bot: string): Promise<(string | undefined)[]> => {
  const found: (string | undefined)[] = [];
  for await (const { data } of store.readStream(presenceStream(bot)))
    found.push((data as { reason?: string }).reason);
  return found;
};

describe('a gateway that was killed', () => {
  it('leaves nobody online: the others report the end of its connections, each once', async () => {
    const bots = Array.from({ length: 30 }, (_, index) => `bot-${index}`);
    await leftBehind(bots);
    const [one, two] = [await startGateway('alive/1'), await startGateway('alive/2')];
    expect(bots.filter((bot) => one.isOnline(bot))).toEqual(bots);
    await waitFor('nobody to be online', () =>
      [one, two].every((gateway) => !bots.some((bot) => gateway.isOnline(bot))),
    );
    for (const bot of bots) expect(await reasons(bot)).toEqual([undefined, 'gateway_lost']);
  });

  it('is found by the next gateway that starts, even if that is the only one', async () => {
    await leftBehind(['lonely']);
    const next = await startGateway('next/1');
    await waitFor('nobody to be online', () => !next.isOnline('lonely'));
  });
});

describe('a gateway that was only slow', () => {
  it('announces its connections again', async () => {
    const slow = await startGateway('slow/1', 1_000_000);
    slow.recorder.connected(connection('patient', 'patient-1'));
    await waitFor('the connection', () => slow.isOnline('patient'));
    await startGateway('quick/1');
    await waitFor('it to be closed and announced again', async () => (await reasons('patient')).length >= 3);
    expect((await reasons('patient')).slice(0, 3)).toEqual([undefined, 'gateway_lost', undefined]);
  });
});
