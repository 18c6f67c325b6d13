import type { Row } from '../../report/hardening-report.js';
import type { Saw } from './exactness/saw.js';
import type { Stage } from './stage.js';

/** One fault that was played. */
export type Played = Readonly<{ did: string; rows: readonly Row[]; saw?: Saw }>;

/**
 * Plays a fault and judges what was seen. One that could not be played to its end has missed its target; what the
 * others have shown still counts.
 * @throws the reason, when the run was called off before
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
      what: `Played to its end: ${did}`,
      measured: error instanceof Error ? error.message : String(error),
      target: 'to its end',
      verdict: 'missed',
    };
    return { did, rows: [row] };
  }
};
