import { describe, expect, it } from 'vitest';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { ChannelAccess } from './channel-access.js';

/** Builds access to a store that holds a channel with one member, while the log has brought nothing yet. */
const setUp = (): ChannelAccess => {
  const directory = new Directory();
  const stored = [
    recordedEvent('channel-ops', 0, 'ChannelOpened', { channel: 'ops', visibility: 'public' }),
    recordedEvent('channel-ops', 1, 'BotJoined', { channel: 'ops', bot: 'ada', from: -1 }),
  ];
  const store = {
    async *readStream(stream: string): AsyncGenerator<RecordedEvent> {
      yield* stored.filter((event) => event.stream === stream);
    },
  };
  return new ChannelAccess(directory, new DirectoryTails(store, directory));
};

describe('a membership that the log has not delivered yet', () => {
  it('is looked for where a request may wait', async () => {
    const access = setUp();
    expect(() => access.requireMember('ops', 'ada')).toThrow(
      expect.objectContaining({ code: 'unknown_channel' }),
    );
    await expect(access.requireNewMember('ops', 'ada')).resolves.toMatchObject({ status: 'open' });
  });

  it('is refused when there is none', async () => {
    const access = setUp();
    await expect(access.requireNewMember('ops', 'bob')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(access.requireNewMember('dev', 'ada')).rejects.toMatchObject({ code: 'unknown_channel' });
  });
});
