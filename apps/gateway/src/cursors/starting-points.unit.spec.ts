import { describe, expect, it } from 'vitest';
import { startingPoint } from './starting-points.js';

const at = { channel: 'ops', head: 9, stored: 4, memberSince: 1 };
const unknownPosition = expect.objectContaining({ code: 'unknown_position' });

describe('where delivery starts', () => {
  it('is the stored cursor by default', () => expect(startingPoint('stored', at)).toBe(4));
  it('is where the membership began for a consumer without a cursor', () =>
    expect(startingPoint('stored', { ...at, stored: undefined })).toBe(1));
  it('is the head for "now"', () => expect(startingPoint('now', at)).toBe(9));
  it('is what the bot says, before or after its stored cursor', () => {
    expect(startingPoint({ ops: 2 }, at)).toBe(2);
    expect(startingPoint({ ops: 9 }, at)).toBe(9);
    expect(startingPoint({ ops: -1 }, at)).toBe(-1);
  });
  it('is the stored cursor for a channel the bot does not name', () =>
    expect(startingPoint({ dev: 2 }, at)).toBe(4));
  it('is refused past the head', () => expect(() => startingPoint({ ops: 10 }, at)).toThrow(unknownPosition));
  it('is refused when the stored cursor lies past the head of a log that was restored from an older copy', () =>
    expect(() => startingPoint('stored', { ...at, stored: 10 })).toThrow(unknownPosition));
});
