/** How many cases fast-check draws when a property does not say. */
const USUAL_RUNS = 100;

/** The factor for the number of cases of every property, such as `VERBATIM_PROPERTY_RUNS=100`. */
const factor = (env: NodeJS.ProcessEnv): number => Number(env['VERBATIM_PROPERTY_RUNS'] ?? 1);

/** Returns how many cases to draw for a property that needs a different number than usual. */
export const propertyRuns = (runs: number, env: NodeJS.ProcessEnv = process.env): number =>
  Math.ceil(runs * factor(env));

/**
 * Returns the settings of all properties from the environment: how many cases, and which. When a property fails,
 * fast-check prints a seed and a path. `VERBATIM_PROPERTY_SEED` and `VERBATIM_PROPERTY_PATH` take them, so that the
 * same case is drawn again.
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
