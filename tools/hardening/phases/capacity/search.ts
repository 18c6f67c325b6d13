/** How the highest value that holds is looked for. */
export type SearchPlan = Readonly<{
  first: number;
  /** Never probed beyond. */
  most: number;
  /** Every probe is a multiple of it, as are `first` and `most`. */
  unit: number;
  /** As part of what holds: closer together than this, the two ends are not told apart. */
  within: number;
  /** At most so many. */
  probes: number;
}>;

/** What is known: `held` held (0: nothing yet), `failed` did not, and no value between them was probed. */
export type Search = Readonly<{ held: number; failed?: number; probes: number }>;

export const NOTHING_KNOWN: Search = { held: 0, probes: 0 };

/**
 * What to probe next: twice what held, until something fails; then the middle.
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

/** What is known after a probe. A value below one that held, or above one that failed, teaches nothing. */
export const learn = (search: Search, value: number, didHold: boolean): Search => {
  const probes = search.probes + 1;
  if (didHold) return { ...search, probes, held: Math.max(search.held, value) };
  return { ...search, probes, failed: Math.min(search.failed ?? Infinity, value) };
};
