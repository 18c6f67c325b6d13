import { describe, expect, it } from 'vitest';
import type { Logged, Step } from '#tools/harness/checker/history.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { exactRow, exactRows } from './judge-exactness.js';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import type { Saw } from './saw.js';

const ROW = { id: 'x', what: 'it differs' };

/** A run in which the first step of a kind in the first bot's history was replaced. */
const changed = (type: Step['type'], by: (step: Step) => readonly Step[]): Saw => {
  const saw = sawOfAnHonestRun();
  const [first, ...others] = saw.histories;
  const place = first!.steps.findIndex((step) => step.type === type);
  const steps = first!.steps.toSpliced(place, 1, ...by(first!.steps[place]!));
  return { ...saw, histories: [{ ...first!, steps }, ...others] };
};

const logged = (by: (log: readonly Logged[]) => readonly Logged[]): Saw => {
  const saw = sawOfAnHonestRun();
  return { ...saw, log: by(saw.log) };
};

describe('what bots saw, compared with the log', () => {
  it('meets every target when it is the same', () => {
    const saw = sawOfAnHonestRun();
    expect(missedIn([exactRow(ROW, saw), ...exactRows([saw, saw])])).toEqual([]);
  });

  it('proves nothing when nothing was delivered', () => {
    const nothing = { ...sawOfAnHonestRun(), histories: [], log: [] };
    expect(exactRow(ROW, nothing)).toMatchObject({
      verdict: 'missed',
      measured: expect.stringContaining('not'),
    });
    expect(exactRows([]).every(({ verdict }) => verdict === 'missed')).toBe(true);
  });

  it('says what is wrong', () => {
    expect(exactRow(ROW, sawWithAGap())).toMatchObject({
      verdict: 'missed',
      target: '0',
      why: expect.stringContaining('gap'),
    });
  });

  it.each<[string, Saw]>([
    ['gaps', sawWithAGap()],
    ['lost', logged((log) => log.slice(1).map((one) => ({ ...one })))],
    ['repeats', changed('received', (step) => [step, step])],
    ['twice', logged((log) => [...log, { ...log[0]!, seq: 1_000 }])],
    ['changed', changed('received', (step) => [{ ...step, body: 'message Ø' } as Step])],
    ['answers', changed('posting', (step) => [{ ...step, id: 'never-heard-of' } as Step, step])],
    [
      'order',
      logged((log) =>
        log.map((one) => {
          // Two messages of one bot in one channel have swapped places.
          const other = { 'id-0': log[8]!, 'id-8': log[0]! }[one.id];
          return other ? { ...other, seq: one.seq } : one;
        }),
      ),
    ],
  ])('finds what belongs to %s', (promise, saw) => {
    expect(missedIn([exactRow(ROW, saw)])).toEqual(['x']);
    expect(missedIn(exactRows([sawOfAnHonestRun(), saw]))).toContain(`faults.exact.${promise}`);
  });

  it('does not compare the times of different clocks', () => {
    const early = changed('answered', (step) => [{ ...step, sentAt: 1e15 } as Step]);
    expect(missedIn(exactRows([early]))).toContain('faults.exact.twice');
    expect(missedIn(exactRows([{ ...early, clocksDiffer: true }]))).toEqual([]);
  });
});
