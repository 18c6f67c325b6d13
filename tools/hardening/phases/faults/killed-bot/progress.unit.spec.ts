import { describe, expect, it } from 'vitest';
import type { Step } from '#tools/harness/checker/history.js';
import { isBack, unansweredIn } from './progress.js';

const posting = (id: string): Step => ({
  type: 'posting',
  sending: 1,
  id,
  channel: 'red',
  body: `body of ${id}`,
});
const answered = (id: string): Step => ({
  type: 'answered',
  sending: 1,
  id,
  channel: 'red',
  seq: 0,
  at: 0,
  duplicate: false,
  sentAt: 0,
});
const received = (seq: number): Step => ({
  type: 'received',
  channel: 'red',
  seq,
  id: 'x',
  from: 'ada',
  body: '',
});
const CONNECTED: Step = { type: 'connected', cursors: { red: 4 } };
const CAUGHT_UP: Step = { type: 'caughtup', channel: 'red', seq: 6 };

describe('the history of a killed bot', () => {
  it('shows which posts had no answer, in the order they were first sent', () => {
    const steps = [posting('a'), posting('b'), posting('c'), posting('a'), answered('b'), posting('b')];
    expect(unansweredIn(steps).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(unansweredIn(steps)[0]).toEqual({ id: 'a', channel: 'red', body: 'body of a' });
  });

  it('shows that the bot is back with every message', () => {
    expect(isBack([CONNECTED, received(5), received(6), CAUGHT_UP], { red: 6 })).toBe(true);
    expect(isBack([CONNECTED, CAUGHT_UP], { red: 4 })).toBe(true);
  });

  it.each<[string, readonly Step[]]>([
    ['never connected', [CAUGHT_UP]],
    ['not caught up', [CONNECTED, received(5), received(6)]],
    ['caught up on an earlier connection', [CONNECTED, received(5), received(6), CAUGHT_UP, CONNECTED]],
    ['something missing', [CONNECTED, received(5), CAUGHT_UP]],
    ['a post without an answer', [posting('a'), CONNECTED, received(6), CAUGHT_UP]],
  ])('shows that the bot is not back: %s', (_, steps) => {
    expect(isBack(steps, { red: 6 })).toBe(false);
  });
});
