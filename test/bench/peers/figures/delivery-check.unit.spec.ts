import { describe, expect, it } from 'vitest';
import { DeliveryCheck } from './delivery-check.js';

/** Two bots in one channel. Bot 0 has sent this many messages, all of them acknowledged. */
const checkAfter = (posts: number): DeliveryCheck => {
  const check = new DeliveryCheck(['a', 'a']);
  for (let post = 0; post < posts; post += 1) check.noteAcknowledged(0, check.notePost(0));
  return check;
};

const deliver = (check: DeliveryCheck, receiver: number, ...numbers: number[]): void => {
  for (const n of numbers) check.noteReceived(receiver, 0, n);
};

describe('the check of deliveries', () => {
  it('finds nothing wrong with an honest run', () => {
    const check = checkAfter(3);
    deliver(check, 0, 0, 1, 2);
    deliver(check, 1, 0, 1, 2);
    expect(check.verdict()).toEqual({ due: 6, lost: 0, repeated: 0, reordered: 0 });
    expect(check.outstanding).toBe(0);
  });

  it('finds a message lost in the middle and one lost at the end, for each receiver', () => {
    const check = checkAfter(3);
    deliver(check, 0, 0, 2);
    deliver(check, 1, 0, 1);
    expect(check.verdict()).toMatchObject({ lost: 2, repeated: 0, reordered: 0 });
    expect(check.outstanding).toBe(2);
  });

  it('finds everything lost by a receiver that got nothing', () => {
    expect(checkAfter(5).verdict()).toMatchObject({ due: 10, lost: 10 });
  });

  it('looks at some receivers only, if told so', () => {
    const check = checkAfter(1);
    deliver(check, 1, 0);
    expect(check.verdict([1])).toMatchObject({ due: 1, lost: 0 });
    expect(check.verdict([0])).toMatchObject({ due: 1, lost: 1 });
  });

  it('finds a repeat, the newest message as well as an old one', () => {
    const check = checkAfter(2);
    deliver(check, 0, 0, 1, 1, 0);
    deliver(check, 1, 0, 1);
    expect(check.verdict()).toMatchObject({ lost: 0, repeated: 2, reordered: 0 });
  });

  it('finds a message that comes after a later one, and does not call it lost', () => {
    const check = checkAfter(3);
    deliver(check, 0, 0, 2, 1);
    deliver(check, 1, 0, 1, 2);
    expect(check.verdict()).toMatchObject({ lost: 0, repeated: 0, reordered: 1 });
  });

  it('expects nothing of a post that was never answered, whether it comes or not', () => {
    const check = checkAfter(1);
    check.notePost(0);
    check.noteUnanswered(0);
    deliver(check, 0, 0, 1);
    deliver(check, 1, 0);
    expect(check.verdict()).toEqual({ due: 2, lost: 0, repeated: 0, reordered: 0 });
  });

  it('expects nothing of it in the middle, either', () => {
    const check = checkAfter(1);
    check.notePost(0);
    check.noteAcknowledged(0, check.notePost(0));
    deliver(check, 0, 0, 2);
    deliver(check, 1, 0, 2);
    expect(check.verdict()).toMatchObject({ due: 4, lost: 0 });
  });

  it('keeps senders and channels apart', () => {
    const check = new DeliveryCheck(['a', 'b']);
    check.noteAcknowledged(0, check.notePost(0));
    check.noteAcknowledged(1, check.notePost(1));
    check.noteReceived(0, 0, 0);
    check.noteReceived(1, 1, 0);
    expect(check.verdict()).toMatchObject({ due: 2, lost: 0 });
  });

  it('says when a receiver has reached what was acknowledged at a moment', () => {
    const check = checkAfter(2);
    const goal = check.goalOf(1);
    deliver(check, 1, 0);
    expect(check.hasReached(1, goal)).toBe(false);
    deliver(check, 1, 1);
    expect(check.hasReached(1, goal)).toBe(true);
  });
});
