import { describe, expect, it } from 'vitest';
import { WritingState } from './writing-state.js';

const FULL = 'the disk is full';

const setUp = () => {
  const clock = { time: 0, elapsed: () => clock.time };
  const said: (string | undefined)[] = [];
  const writing = new WritingState(clock);
  writing.onChange((trouble) => void said.push(trouble));
  return { clock, said, writing };
};

describe('what answers reveal about writing', () => {
  it('is said when it changes, not with each answer', () => {
    const { writing, said } = setUp();
    writing.taken();
    writing.refused(FULL);
    writing.refused(FULL);
    expect(writing.trouble).toBe(FULL);
    writing.refused('read-only');
    writing.taken();
    writing.taken();
    expect(said).toEqual([FULL, 'read-only', undefined]);
    expect(writing.trouble).toBeUndefined();
  });

  it('counts while it is repeated, and for five seconds after', () => {
    const { clock, writing } = setUp();
    writing.refused(FULL);
    clock.time = 4_999;
    expect(writing.trouble).toBe(FULL);
    writing.refused(FULL);
    clock.time = 9_998;
    expect(writing.trouble).toBe(FULL);
    clock.time = 9_999;
    expect(writing.trouble).toBeUndefined();
  });

  it('reaches every listener, although one of them throws', () => {
    const writing = new WritingState();
    const said: (string | undefined)[] = [];
    writing.onChange(() => {
      throw new Error('a bug');
    });
    writing.onChange((trouble) => void said.push(trouble));
    writing.refused(FULL);
    expect(said).toEqual([FULL]);
  });
});
