import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRoom, roomState } from './disk-room.js';
import type { Room } from './disk-room.js';

const MIB = 1024 * 1024;
const room = (mebibytes: number, freeFiles?: number): Room => ({ freeBytes: mebibytes * MIB, freeFiles });
const RESERVE = 100 * MIB;

describe('the room on a disk', () => {
  it.each([
    ['enough', room(100), 'enough'],
    ['low below the reserve', room(99), 'low'],
    ['low where few files may be made', room(500, 999), 'low'],
    ['none where no append fits', room(0.5), 'none'],
    ['low where no file may be made', room(500, 0), 'low'],
  ] as const)('is %s', (_, given, state) => {
    expect(roomState(given, RESERVE, 'enough')).toBe(state);
  });

  it('causes no warning without a reserve, until nothing is left', () => {
    expect(roomState(room(2, 5), 0, 'enough')).toBe('enough');
    expect(roomState(room(0.5), 0, 'enough')).toBe('none');
  });

  it('must be somewhat more than the reserve to be enough again', () => {
    expect(roomState(room(104), RESERVE, 'low')).toBe('low');
    expect(roomState(room(105), RESERVE, 'low')).toBe('enough');
  });

  it('is stable: the same room gives the same state again', () => {
    const states = fc.constantFrom('enough' as const, 'low' as const, 'none' as const);
    const bytes = fc.integer({ min: 0, max: 300 * MIB });
    fc.assert(
      fc.property(
        bytes,
        fc.option(fc.nat(3_000), { nil: undefined }),
        states,
        (freeBytes, freeFiles, before) => {
          const first = roomState({ freeBytes, freeFiles }, RESERVE, before);
          expect(roomState({ freeBytes, freeFiles }, RESERVE, first)).toBe(first);
        },
      ),
    );
  });

  it('is described in mebibytes, and in files when few are left', () => {
    expect(describeRoom(room(12.7))).toBe('12 MiB free');
    expect(describeRoom(room(12, 3))).toBe('12 MiB free, 3 files');
  });
});
