import { describe, expect, it } from 'vitest';
import { LogBuilder, MemoryLog } from '#test/support/read-models.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { Projection } from '../builds/projection.js';
import { passOver } from './pass-over.js';

const projection: Projection = {
  name: 'channels',
  version: 1,
  tables: [],
  streamPrefixes: ['channel-'],
  eventTypes: ['ChannelOpened'],
  apply: async () => undefined,
};

describe('skipping events of other projections', () => {
  it('goes up to the projection’s next event, else to the end of the log', async () => {
    const build = new LogBuilder();
    const log = new MemoryLog();
    const opened = build.add('channel-a', { type: 'ChannelOpened', data: {} });
    const posted = build.add('messages-a', { type: 'MessagePosted', data: {} });
    const other = build.add('channel-a', { type: 'SomethingElse', data: {} });
    const next = build.add('channel-b', { type: 'ChannelOpened', data: {} });
    log.append(opened, posted, other);
    expect(await passOver(projection, log, opened.position)).toBe(other);
    log.append(next);
    expect(await passOver(projection, log, opened.position)).toBe(other);
    expect(await passOver(projection, log, LOG_START)).toBeUndefined();
  });

  it('goes nowhere while the log cannot be read', async () => {
    const away = {
      // eslint-disable-next-line require-yield -- it ends before there is anything to yield
      async *readAll() {
        throw new Error('away');
      },
    };
    expect(await passOver(projection, away, LOG_START)).toBeUndefined();
  });
});
