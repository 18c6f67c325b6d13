/** How to search for the highest value that holds. */
export type SearchPlan = Readonly<{
  first: number;
  /** The highest value that is ever probed. */
  most: number;
  /** Every probed value is a multiple of this, and so are `first` and `most`. */
  unit: number;
  /** The search ends when the two bounds are closer than this, as a fraction of the value that holds. */
  within: number;
  /** The highest number of probes. */
  probes: number;
}>;

/** What the search knows so far: `held` held (0: nothing yet), `failed` did not, and no value between was probed. */
export type Search = Readonly<{ held: number; failed?: number; probes: number }>;

export const NOTHING_KNOWN: Search = { held: 0, probes: 0 };

/**
 * Returns the value to probe next: twice what held, until something fails; then the middle.
 * @returns undefined when the search is over
 */
export const nextProbe = (
  { held, failed, probes }: Search,
  { first, most, unit, within, probes: atMost }: SearchPlan,
): number | undefined => {
  if (probes >= atMost) return undefined;
  if (failed === undefined) {
    if (held >= most) return undefined;
    return held === 0 ? first : Math.min(most, held * 2);
  }
  if (failed - held <= Math.max(unit, within * held)) return undefined;
  return Math.floor((held + failed) / 2 / unit) * unit || unit;
};

/** Returns what is known after a probe. A value below one that held, or above one that failed, adds nothing. */
export const learn = (search: Search, value: number, didHold: boolean): Search => {
  const probes = search.probes + 1;
  if (didHold) return { ...search, probes, held: Math.max(search.held, value) };
  return { ...search, probes, failed: Math.min(search.failed ?? Infinity, value) };
};
