import type { Row } from '../../report/hardening-report.js';
import { exactly } from '../../report/judge.js';

/** A count that must be 0, and out of how many. If that total is 0, nothing was observed, which proves nothing. */
export type Counted = Readonly<{
  id: string;
  what: string;
  predecessor?: string;
  value: number;
  of: number;
  /** What was counted, in the plural. */
  ofWhat: string;
}>;

/** Returns a row whose count must be 0. */
export const mustBeNone = ({ of, ofWhat, value, ...row }: Counted): Row => ({
  ...exactly(0, { ...row, value: of > 0 ? value : Number.NaN, unit: `of ${of} ${ofWhat}` }),
  unit: '',
  target: '0',
});
