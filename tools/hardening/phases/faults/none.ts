import type { Row } from '../../report/hardening-report.js';
import { exactly } from '../../report/judge.js';

/** What must not be seen at all, counted among so many; where there were none to count among, nothing has been seen. */
export type Counted = Readonly<{
  id: string;
  what: string;
  predecessor?: string;
  value: number;
  of: number;
  /** In the plural. */
  ofWhat: string;
}>;

/** A row whose count must be 0. */
export const none = ({ of, ofWhat, value, ...row }: Counted): Row => ({
  ...exactly(0, { ...row, value: of > 0 ? value : Number.NaN, unit: `of ${of} ${ofWhat}` }),
  unit: '',
  target: '0',
});
