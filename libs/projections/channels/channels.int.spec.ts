import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { ChannelEvent } from '#libs/domain/channel/channel.events.js';
import { ChannelRow } from '../entities/channel.entity.js';
import { MembershipRow } from '../entities/membership.entity.js';
import { membershipsProjection } from '../memberships/memberships.projection.js';
import { channelsProjection } from './channels.projection.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: LogBuilder;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(async () => {
  await scratch?.close();
});
beforeEach(async () => {
  await scratch.database.rows('TRUNCATE channels_g1, memberships_g1, membership_changes_g1');
  log = new LogBuilder();
});

const happened = (...events: ChannelEvent[]) =>
  events.map((event) => log.add(`channel-${event.data.channel}`, event));
const opened = (channel: string, visibility: 'public' | 'private' = 'public'): ChannelEvent => ({
  type: 'ChannelOpened',
  data: { channel, visibility },
});
const joined = (channel: string, bot: string, from = -1): ChannelEvent => ({
  type: 'BotJoined',
  data: { channel, bot, from },
});
const left = (channel: string, bot: string): ChannelEvent => ({ type: 'BotLeft', data: { channel, bot } });
const archived = (channel: string): ChannelEvent => ({ type: 'ChannelArchived', data: { channel } });

const project = () => {
  const both = [channelsProjection, membershipsProjection].map((projection) =>
    projecting(scratch.database, projection, log.events),
  );
  return {
    once: async (size?: number) => {
      for (const each of both) await each.once(size);
    },
    times: async (n: number) => {
      for (const each of both) await each.times(n);
    },
  };
};
const stored = async () => {
  const source = await scratch.database.source();
  return {
    channels: await source.getRepository(ChannelRow).find({ order: { name: 'ASC' } }),
    members: await source.getRepository(MembershipRow).find({ order: { channel: 'ASC', bot: 'ASC' } }),
  };
};

const story = () =>
  happened(
    opened('general'),
    opened('secret', 'private'),
    joined('general', 'alice'),
    joined('general', 'bob', 4),
    left('general', 'alice'),
    joined('secret', 'alice'),
    joined('general', 'alice', 9),
    left('general', 'bob'),
    archived('secret'),
  );

describe('the channels and memberships read models', () => {
  it('knows each channel and who is in it now, since when and from which message', async () => {
    const events = story();
    await project().once();
    const { channels, members } = await stored();
    expect(channels).toEqual([
      {
        name: 'general',
        visibility: 'public',
        status: 'open',
        openedAt: events[0]!.at,
        archivedAt: null,
        memberCount: 1,
        position: events[0]!.position.commit,
      },
      {
        name: 'secret',
        visibility: 'private',
        status: 'archived',
        openedAt: events[1]!.at,
        archivedAt: events[8]!.at,
        memberCount: 1,
        position: events[1]!.position.commit,
      },
    ]);
    expect(members).toEqual([
      { channel: 'general', bot: 'alice', joinedAt: events[6]!.at, fromSeq: 9 },
      { channel: 'secret', bot: 'alice', joinedAt: events[5]!.at, fromSeq: -1 },
    ]);
  });

  it('is the same when the same events come again', async () => {
    story();
    await project().once();
    const once = await stored();
    await project().times(2);
    expect(await stored()).toEqual(once);
  });

  it.each([1, 2, 3, 4])('is the same when the log is cut into batches of %i', async (size) => {
    story();
    await project().once();
    const whole = await stored();
    await scratch.database.rows('TRUNCATE channels_g1, memberships_g1');
    await project().once(size);
    expect(await stored()).toEqual(whole);
  });
});
