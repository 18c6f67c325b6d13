import type { Verdict } from './delivery-check.js';
import type { Figure } from './figure.js';

/** What a run has shown. */
export type Outcome = Readonly<{
  figures: Partial<Readonly<Record<Figure, number>>>;
  verdict: Verdict;
  /** Why its figures do not count. */
  doesNotCount?: string;
}>;
