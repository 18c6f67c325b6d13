import { END, streamNameFilter, type Filter, type Position } from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clients, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Follower } from './support/subscriptions.js';
import { isBefore } from './support/version.js';
import { event, events, numbers, streamName } from './support/streams.js';

const client = connect();
const CATCH_UP = core('Services/Transport/Enumerators/Enumerator.AllSubscriptionFiltered.cs', 'CatchUp');
const LIVE = core('Services/SubscriptionsService.cs', 'ProcessEventCommited');
const CHECKPOINTS = clients('subscriptions: updating checkpoints at regular intervals');

const here = async (): Promise<Position> =>
  (await client.appendToStream(streamName('mark'), event())).position!;

/** Returns a filter for streams with this prefix, and the checkpoints that come with it. */
const watched = (prefix: string, maxSearchWindow = 32, checkpointInterval = 1) => {
  const checkpoints: Position[] = [];
  const filter: Filter = streamNameFilter({
    prefixes: [prefix],
    maxSearchWindow,
    checkpointInterval,
    checkpointReached: async (_subscription, position) => void checkpoints.push(position),
  });
  return { checkpoints, filter };
};
const before = (a: Position, b: Position): boolean =>
  a.commit === b.commit ? a.prepare < b.prepare : a.commit < b.commit;

describe('a filtered subscription', () => {
  behaviour('that catches up gets checkpoints while no event matches', CATCH_UP, async () => {
    const fromPosition = await here();
    await client.appendToStream(streamName('noise'), events(200));
    const { checkpoints, filter } = watched(streamName('none'), 10, 2);
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    await follower.caughtUp();
    expect(checkpoints.length).toBeGreaterThanOrEqual(10); // one for every 20 events, and one at the end
    expect(follower.received).toEqual([]);
  });

  behaviour('gets checkpoints that only move forward', CATCH_UP, async () => {
    const fromPosition = await here();
    await client.appendToStream(streamName('noise'), events(200));
    const { checkpoints, filter } = watched(streamName('none'), 10, 1);
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    await follower.caughtUp();
    for (const [i, checkpoint] of checkpoints.entries())
      expect(before(i === 0 ? { commit: 0n, prepare: 0n } : checkpoints[i - 1]!, checkpoint)).toBe(true);
  });

  behaviour('gets more of them the shorter the interval', CHECKPOINTS, async () => {
    const fromPosition = await here();
    const { position: end } = await client.appendToStream(streamName('noise'), events(200));
    const counts: number[] = [];
    for (const interval of [1, 5]) {
      const { checkpoints, filter } = watched(streamName('none'), 10, interval);
      const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
      await follower.caughtUp();
      counts.push(checkpoints.filter(({ commit }) => commit <= end!.commit).length);
    }
    expect(counts[0]).toBeGreaterThan(2 * counts[1]!);
  });

  behaviour('gets the last matching event as a checkpoint before it has caught up', CATCH_UP, async () => {
    const prefix = streamName('mine');
    const fromPosition = await here();
    const { position } = await client.appendToStream(prefix, events(3));
    const { checkpoints, filter } = watched(prefix);
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    await follower.caughtUp();
    // Before 24.2, the server sends no checkpoint at the end of the log.
    if (isBefore('24.2.0')) return expect(checkpoints).toEqual([]);
    const last = checkpoints.at(-1)!;
    expect(before(last, position!)).toBe(false);
  });

  behaviour('gets checkpoints at positions of events while it is live', LIVE, async () => {
    const { checkpoints, filter } = watched(streamName('none'), 1, 1);
    const follower = new Follower(client.subscribeToAll({ fromPosition: END, filter }));
    await follower.caughtUp();
    const { position } = await client.appendToStream(streamName('noise'), event());
    await expect.poll(() => checkpoints.map(({ commit }) => commit)).toContain(position!.commit);
    expect(checkpoints.find(({ commit }) => commit === position!.commit)).toEqual(position);
  });

  behaviour('gets an event before the checkpoint that covers it', LIVE, async () => {
    const prefix = streamName('mine');
    const { checkpoints, filter } = watched(prefix, 1, 1);
    const follower = new Follower(client.subscribeToAll({ fromPosition: END, filter }));
    await follower.caughtUp();
    const { position } = await client.appendToStream(prefix, event(1));
    await follower.events(1);
    await expect.poll(() => checkpoints).toContainEqual(position);
  });

  behaviour('resumes from any checkpoint with every event after it, once', CHECKPOINTS, async () => {
    const prefix = streamName('resume');
    const fromPosition = await here();
    for (let i = 0; i < 30; i += 1) {
      await client.appendToStream(streamName('noise'), events(7));
      await client.appendToStream(prefix, event(i));
    }
    const { checkpoints, filter } = watched(prefix, 8, 1);
    const first = new Follower(client.subscribeToAll({ fromPosition, filter }));
    await first.caughtUp();
    const all = await first.events(30);
    expect(checkpoints.length).toBeGreaterThan(10);
    for (const position of [checkpoints[2]!, checkpoints.at(-3)!, checkpoints.at(-1)!]) {
      const missing = numbers(all).filter((_, i) => before(position, all[i]!.event!.position!));
      const again = new Follower(client.subscribeToAll({ fromPosition: position, filter }));
      await again.caughtUp();
      expect(numbers(again.received)).toEqual(missing);
    }
  });
});
