import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns, propertySettings } from './property-runs.js';

/** Returns what fast-check finds with these settings for a property that does not hold. */
const findsWith = (env: NodeJS.ProcessEnv): ReturnType<typeof run> => run(propertySettings(env));

const run = (settings: object): Readonly<{ seed: number; path: string | null; case: unknown }> => {
  const outcome = fc.check(
    fc.property(fc.integer(), (drawn) => drawn < 1_000),
    settings,
  );
  return { seed: outcome.seed, path: outcome.counterexamplePath, case: outcome.counterexample };
};

describe('settings of all properties', () => {
  it('are those of fast-check, or multiply the number of cases', () => {
    expect(propertySettings({})).toEqual({ numRuns: 100 });
    expect(propertySettings({ VERBATIM_PROPERTY_RUNS: '100' })).toEqual({ numRuns: 10_000 });
    expect(propertyRuns(30, { VERBATIM_PROPERTY_RUNS: '100' })).toBe(3_000);
    expect(propertyRuns(30, {})).toBe(30);
  });

  it('draw again the case with which a property failed', () => {
    const failed = findsWith({});
    const again = findsWith({
      VERBATIM_PROPERTY_SEED: String(failed.seed),
      VERBATIM_PROPERTY_PATH: failed.path!,
    });
    expect(again.case).toEqual(failed.case);
    expect(again.seed).toBe(failed.seed);
  });

  it('apply to this run', () => {
    expect(fc.readConfigureGlobal()).toMatchObject(propertySettings(process.env));
  });
});
