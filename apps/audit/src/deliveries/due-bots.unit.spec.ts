import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordedEvent } from '#test/support/recorded-event.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { dueBots } from './due-bots.js';

/** What happens in a channel, in the order of the log. */
type Step = Readonly<{ what: 'post' } | { what: 'join' | 'leave'; bot: string }>;

const steps = fc.array(
  fc.oneof(
    fc.constant<Step>({ what: 'post' }),
    fc.record({
      what: fc.constantFrom('join' as const, 'leave' as const),
      bot: fc.constantFrom('a', 'b', 'c'),
    }),
  ),
  { maxLength: 40 },
);

/**
 * Plays the steps. Returns the channel's events, each with the number of messages before it, and for each message who
 * was a member when it was posted.
 */
const play = (played: readonly Step[]) => {
  const events: RecordedEvent[] = [];
  const before = new Map<string, number>();
  const members = new Set<string>();
  const due: string[][] = [];
  for (const step of played) {
    if (step.what === 'post') {
      due.push([...members].toSorted());
      continue;
    }
    const { what, bot } = step;
    if ((what === 'join') === members.has(bot)) continue;
    const data = { channel: 'ops', bot, ...(what === 'join' && { from: due.length - 1 }) };
    const type = what === 'join' ? 'BotJoined' : 'BotLeft';
    const event = recordedEvent('channel-ops', events.length, type, data);
    events.push(event);
    before.set(event.eventId, due.length);
    if (what === 'join') members.add(bot);
    else members.delete(bot);
  }
  return { events, before, due };
};

describe('the bots to which a message was due', () => {
  it('are those that were members when it was posted, whatever came before and after', () => {
    fc.assert(
      fc.property(steps, (played) => {
        const { events, before, due } = play(played);
        due.forEach((members, seq) => {
          const found = dueBots(events, seq).filter(({ left }) => !left || before.get(left.eventId)! > seq);
          expect(found.map(({ bot }) => bot)).toEqual(members);
        });
      }),
    );
  });

  it('take no notice of events that nobody understands', () => {
    const joined = recordedEvent('channel-ops', 0, 'BotJoined', { channel: 'ops', bot: 'a', from: -1 });
    const left = { ...recordedEvent('channel-ops', 1, 'BotLeft', { bot: 7 }), unreadable: 'no shape' };
    expect(dueBots([joined, left], 0)).toEqual([{ bot: 'a', from: -1, joinedAt: joined.at }]);
  });
});
