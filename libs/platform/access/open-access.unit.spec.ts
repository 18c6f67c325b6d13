import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '#libs/protocol/errors.js';
import { faultCounts } from '../faults/boundary.js';
import { OpenAccess } from './open-access.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An authenticator for which a key is valid as long as it is in `good`. */
const setUp = () => {
  const good = new Set(['one', 'two']);
  const suspended = new Set<string>();
  const listeners: (() => void)[] = [];
  const open = new OpenAccess({
    authenticate: (key) => {
      if (suspended.has(key)) throw new RequestError('forbidden', 'suspended');
      return good.has(key) ? { role: 'admin', keyId: key } : undefined;
    },
    onChange: (listener) => void listeners.push(listener),
  });
  return { good, suspended, open, tell: () => listeners[0]!() };
};

describe('what was opened with a key', () => {
  it('is closed at once when the key is withdrawn, and nothing else is', () => {
    const { good, open, tell } = setUp();
    const [one, two] = [vi.fn(), vi.fn()];
    open.closeOnWithdrawal('one', one);
    open.closeOnWithdrawal('two', two);
    tell();
    expect(one).not.toHaveBeenCalled();
    good.delete('one');
    tell();
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([1, 0]);
  });

  it('is closed by a bot’s suspension as well', () => {
    const { suspended, open, tell } = setUp();
    const close = vi.fn();
    open.closeOnWithdrawal('one', close);
    suspended.add('one');
    tell();
    expect(close).toHaveBeenCalledOnce();
  });

  it('is closed within half a second when time alone has ended the key, and asked again until it is released', () => {
    const { good, open } = setUp();
    const close = vi.fn();
    const release = open.closeOnWithdrawal('one', close);
    good.delete('one');
    vi.advanceTimersByTime(500);
    expect(close).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(500);
    expect(close).toHaveBeenCalledTimes(2);
    release();
    release();
    vi.advanceTimersByTime(5_000);
    expect(close).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is closed even if closing another one before it threw', () => {
    const { good, open, tell } = setUp();
    const before = faultCounts().get('keys.withdrawal')!;
    const close = vi.fn();
    open.closeOnWithdrawal('one', () => {
      throw new Error('broken');
    });
    open.closeOnWithdrawal('one', close);
    good.delete('one');
    tell();
    expect(close).toHaveBeenCalledOnce();
    expect(faultCounts().get('keys.withdrawal')).toBe(before + 1);
  });
});
