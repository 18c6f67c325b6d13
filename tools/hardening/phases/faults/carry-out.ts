import type { Row } from '../../report/hardening-report.js';
import type { Saw } from './exactness/saw.js';
import type { Stage } from './stage.js';

/** One fault that was carried out. */
export type Played = Readonly<{ did: string; rows: readonly Row[]; saw?: Saw }>;

/**
 * Carries out a fault and judges what was seen. A fault that could not be carried out to the end has missed its target;
 * the results of the others still count.
 * @throws the signal's reason, if the run was called off before
 */
export const carryOut = async <T extends Readonly<{ saw: Saw }>>(
  { signal }: Stage,
  id: string,
  did: string,
  play: () => Promise<T>,
  judge: (seen: T) => readonly Row[],
): Promise<Played> => {
  signal.throwIfAborted();
  try {
    const seen = await play();
    return { did, rows: judge(seen), saw: seen.saw };
  } catch (error) {
    const row: Row = {
      id: `faults.${id}.carried-out`,
      what: `Carried out to the end: ${did}`,
      measured: error instanceof Error ? error.message : String(error),
      target: 'to the end',
      verdict: 'missed',
    };
    return { did, rows: [row] };
  }
};
