import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogBuilder } from '#test/support/read-models.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { StandstillWatch } from './standstill-watch.js';

const build = new LogBuilder();
const posted = () => build.add('messages-general', { type: 'MessagePosted', data: {} });
const moved = () => build.add('cursor-alice.default', { type: 'CursorAdvanced', data: {} });

let events: PositionedEvent[];
let position: LogPosition | undefined;
let away: boolean;

const store = {
  async *readAll({ from }: { from?: unknown }) {
    if (away) throw new Error('away');
    const { commit } = from as LogPosition;
    yield* events.filter((event) => event.position.commit >= commit);
  },
};
const projection = {
  name: 'messages',
  version: 1,
  tables: [],
  streamPrefixes: ['messages-'],
  eventTypes: ['MessagePosted'],
  apply: async () => undefined,
};
const watching = () => new StandstillWatch([{ projection, position: () => position }], store as never);

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  position = LOG_START;
  away = false;
});
afterEach(() => vi.useRealTimers());

describe('the watch over readers', () => {
  it('says how long a reader has been stuck before one of its events', async () => {
    const watch = watching();
    events = [moved(), posted()];
    await watch.checkProgress();
    vi.advanceTimersByTime(12_000);
    await watch.checkProgress();
    expect(watch.standstillMs('messages')).toBe(12_000);
  });

  it('is content with a reader that moves, has caught up, or has only events of others before it', async () => {
    const watch = watching();
    events = [posted(), posted(), moved()];
    await watch.checkProgress();
    position = events[0]!.position;
    vi.advanceTimersByTime(5_000);
    await watch.checkProgress();
    expect(watch.standstillMs('messages')).toBe(0); // seen at another position, just now
    position = events[1]!.position;
    vi.advanceTimersByTime(5_000);
    await watch.checkProgress();
    vi.advanceTimersByTime(5_000);
    expect(watch.standstillMs('messages')).toBe(0);
  });

  it('says nothing about a reader that has not begun, nor while the log cannot be read', async () => {
    const watch = watching();
    events = [posted()];
    position = undefined;
    await watch.checkProgress();
    position = LOG_START;
    away = true;
    await watch.checkProgress();
    vi.advanceTimersByTime(60_000);
    expect(watch.standstillMs('messages')).toBe(0);
  });
});
