import { describe, expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { storedEvent } from '#test/support/stored-event.js';
import { LogReplaced } from '../event-store.errors.js';
import { LogContinuity } from './log-continuity.js';

/**
 * Sets up a log that has every event it is asked for except the `lost` ones. `during` happens while it is being
 * checked.
 */
const setUp = (lost: readonly number[] = [], during: () => void = () => {}) => {
  const sought: number[] = [];
  const continuity = new LogContinuity(async ({ position }) => {
    const commit = Number(position.commit);
    sought.push(commit);
    during();
    return !lost.includes(commit);
  });
  const see = (commit: number): void => continuity.noteEvent(storedEvent({ position: at(commit) }));
  return { continuity, sought, see };
};

describe('the check whether the log is still the same', () => {
  it('runs only after a lost connection, with the newest event that was seen', async () => {
    const { continuity, sought, see } = setUp();
    see(2);
    see(1);
    await continuity.requireSameLog();
    expect(sought).toEqual([]);
    continuity.connectionLost();
    await Promise.all([continuity.requireSameLog(), continuity.requireSameLog()]);
    await continuity.requireSameLog();
    expect(sought).toEqual([2]);
    expect(continuity.confirmations).toBe(1);
  });

  it('runs also with events from a connection that was open when another was lost', async () => {
    const { continuity, sought, see } = setUp();
    see(1);
    continuity.connectionLost();
    see(3);
    see(2);
    await continuity.requireSameLog();
    expect(sought).toEqual([1, 3]);
    expect(continuity.newest).toEqual(at(3));
  });

  it('fails if events that came meanwhile no longer exist', async () => {
    const { continuity, see } = setUp([3]);
    see(1);
    continuity.connectionLost();
    see(3);
    await expect(continuity.requireSameLog()).rejects.toThrow(LogReplaced);
  });

  it('includes events that come while it runs, and runs again if another connection is lost then', async () => {
    const todo = [() => see(2), () => continuity.connectionLost()];
    const { continuity, sought, see } = setUp([], () => todo.shift()?.());
    see(1);
    continuity.connectionLost();
    await continuity.requireSameLog();
    expect(sought).toEqual([1, 2, 1, 2]);
    expect(continuity.newest).toEqual(at(2));
  });
});
