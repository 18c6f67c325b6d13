import { describe, expect, it } from 'vitest';
import { recordedEvent } from '#test/support/recorded-event.js';
import { SetAsideEvents, isDamage } from './set-aside-events.js';
import { UnreadableEvents } from './unreadable-events.js';

const bad = (stream: string, revision: number) => ({
  ...recordedEvent(stream, revision, 'MessagePosted', {}),
  unreadable: 'field "id" is missing',
});
const decided = (stream: string, revision: number, reason = 'r') => ({
  stream,
  revision,
  reason,
  keyId: 'k',
  at: '2026-11-29T12:00:00.000Z',
});
const setUp = () => {
  const setAside = new SetAsideEvents();
  const unreadable = new UnreadableEvents(setAside);
  return { setAside, unreadable, named: () => unreadable.undecidedEvents.map(({ revision }) => revision) };
};

describe('events that nobody understands', () => {
  it('are damage until they are set aside, whatever comes first', () => {
    const { setAside, unreadable, named } = setUp();
    for (const revision of [1, 2]) unreadable.noteEvent(bad('messages-ops', revision));
    setAside.setAside(decided('messages-ops', 2));
    setAside.setAside(decided('messages-ops', 3));
    unreadable.noteEvent(bad('messages-ops', 3));
    expect([named(), unreadable.counts.get('messages')]).toEqual([[1], 1]);
    expect(unreadable.all).toHaveLength(3);
    setAside.setAside(decided('messages-ops', 1));
    expect([named(), unreadable.counts.get('messages')]).toEqual([[], undefined]);
  });

  it('are set aside once: the first decision is final', () => {
    const { setAside } = setUp();
    setAside.setAside(decided('bot-ada', 1, 'first'));
    setAside.setAside(decided('bot-ada', 1, 'second'));
    expect([setAside.find('bot-ada', 1)?.reason, setAside.size, [...setAside].length]).toEqual([
      'first',
      1,
      1,
    ]);
  });

  it('are all counted, and undecided ones are kept by name before others', () => {
    const { setAside, unreadable, named } = setUp();
    for (let revision = 0; revision < 1_500; revision += 1)
      unreadable.noteEvent(bad('messages-ops', revision));
    expect([named().length, unreadable.counts.get('messages')]).toEqual([1_000, 1_500]);
    setAside.setAside(decided('messages-ops', 7));
    unreadable.noteEvent(bad('messages-ops', 1_499));
    expect(named().at(-1)).toBe(1_499);
    expect(named()).toHaveLength(1_000);
  });

  it('that can be understood by now are not damage, whatever was decided', () => {
    const { setAside } = setUp();
    const good = recordedEvent('messages-ops', 1, 'MessagePosted', {});
    expect([isDamage(good, setAside), isDamage(bad('messages-ops', 1), setAside)]).toEqual([false, true]);
    setAside.setAside(decided('messages-ops', 1));
    expect([isDamage(good, setAside), isDamage(bad('messages-ops', 1), setAside)]).toEqual([false, false]);
  });
});
