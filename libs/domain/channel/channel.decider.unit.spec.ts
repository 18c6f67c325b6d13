import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specify } from '#test/support/decider-specification.js';
import { decideChannel, evolveChannel, isMember, unknownChannel } from './channel.decider.js';
import type { ChannelCommand } from './channel.decider.js';
import type { ChannelEvent } from './channel.events.js';

const { given } = specify(decideChannel, evolveChannel, unknownChannel);

const channel = 'ops';
const opened = (visibility: 'public' | 'private' = 'public'): ChannelEvent => ({
  type: 'ChannelOpened',
  data: { channel, visibility },
});
const archived: ChannelEvent = { type: 'ChannelArchived', data: { channel } };
const joined = (bot = 'alice', from = -1): ChannelEvent => ({
  type: 'BotJoined',
  data: { channel, bot, from },
});
const left = (bot = 'alice'): ChannelEvent => ({ type: 'BotLeft', data: { channel, bot } });
const join: ChannelCommand = { type: 'JoinChannel', channel, bot: 'alice', head: 6 };
const add: ChannelCommand = { ...join, type: 'AddMember' };

describe('a channel', () => {
  it('is opened once', () => {
    const open: ChannelCommand = { type: 'OpenChannel', channel, visibility: 'private' };
    given().when(open).thenRecords(opened('private'));
    given(opened()).when(open).thenRejected('already_exists');
  });

  it('remembers after which message a bot came', () =>
    given(opened()).when(join).thenRecords(joined('alice', 6)));

  it('changes nothing when a member joins again', () => given(opened(), joined()).when(join).thenRecords());

  it('takes a bot back that has left', () =>
    given(opened(), joined(), left()).when(join).thenRecords(joined('alice', 6)));

  it('lets only an admin bring bots into a private channel', () => {
    given(opened('private')).when(join).thenRejected('forbidden');
    given(opened('private')).when(add).thenRecords(joined('alice', 6));
  });

  it('accepts no new member once archived, but lets members leave', () => {
    given(opened(), archived).when(join).thenRejected('channel_archived');
    given(opened(), joined(), archived)
      .when({ type: 'LeaveChannel', channel, bot: 'alice' })
      .thenRecords(left());
  });

  it('is archived once, and repeating it changes nothing', () => {
    given(opened()).when({ type: 'ArchiveChannel', channel }).thenRecords(archived);
    given(opened(), archived).when({ type: 'ArchiveChannel', channel }).thenRecords();
  });

  it('changes nothing when a stranger leaves', () =>
    given(opened()).when({ type: 'LeaveChannel', channel, bot: 'bob' }).thenRecords());

  it('must exist for everything except opening it', () => given().when(join).thenRejected('unknown_channel'));

  it('has exactly the members whose last event was joining', () => {
    const bots = fc.constantFrom<string>('a', 'b', 'c');
    const history = fc.array(fc.tuple(bots, fc.boolean()));
    fc.assert(
      fc.property(history, (steps) => {
        const events = steps.map(([bot, comes]) => (comes ? joined(bot) : left(bot)));
        const state = [opened(), ...events].reduce(evolveChannel, unknownChannel);
        const last = new Map(steps);
        for (const bot of ['a', 'b', 'c']) expect(isMember(state, bot)).toBe(last.get(bot) ?? false);
      }),
    );
  });
});
