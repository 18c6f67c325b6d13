/** What fast-check draws when a property does not say how much. */
const USUAL_RUNS = 100;

/** So many times as many cases as usual, of every property: `VERBATIM_PROPERTY_RUNS=100`. */
const factor = (env: NodeJS.ProcessEnv): number => Number(env['VERBATIM_PROPERTY_RUNS'] ?? 1);

/** How many cases a property draws that wants another number of them than the usual one. */
export const propertyRuns = (runs: number, env: NodeJS.ProcessEnv = process.env): number =>
  Math.ceil(runs * factor(env));

/**
 * Settings of all properties, by the environment: how many cases, and which. `VERBATIM_PROPERTY_SEED` and
 * `VERBATIM_PROPERTY_PATH` take what fast-check prints where a property fails, and have the same case drawn again.
 */
export const propertySettings = (
  env: NodeJS.ProcessEnv,
): Readonly<{ numRuns: number; seed?: number; path?: string }> => {
  const { VERBATIM_PROPERTY_SEED: seed, VERBATIM_PROPERTY_PATH: path } = env;
  return {
    numRuns: propertyRuns(USUAL_RUNS, env),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
  };
};
