import { surroundings, writeResults } from '../harness/results.js';
import { readRecorded, RECORDED, type Recorded } from './recorded.js';
import { writeReport } from './report/write-report.js';

/**
 * Records results, and shows them in the documents. Results of some workloads only are added to those that were recorded
 * before.
 *
 * @throws Error when those are of another commit or machine, because then they must not stand side by side
 */
export const recordPeers = async (
  options: Recorded['options'],
  results: Recorded['results'],
  isPart: boolean,
): Promise<void> => {
  const before = isPart ? readRecorded() : undefined;
  if (before) requireAlike(before);
  const merged = before ? mergeResults(before.results, results) : results;
  await writeResults(RECORDED, 'peers', before?.options ?? options, merged);
  writeReport(readRecorded()!);
};

const mergeResults = (before: Recorded['results'], now: Recorded['results']): Recorded['results'] => ({
  versions: { ...before.versions, ...now.versions },
  leftOut: { ...before.leftOut, ...now.leftOut },
  summaries: { ...before.summaries, ...now.summaries },
});

const requireAlike = ({ commit, machine }: Recorded): void => {
  const now = surroundings();
  if (withoutMark(commit) === withoutMark(now.commit) && machine['cpu'] === now.machine.cpu) return;
  throw new Error(
    `${RECORDED} is of commit ${commit} on ${machine['cpu']}. Record all workloads again, or remove it first.`,
  );
};

/** A commit as `git describe --dirty` names it, without the mark for changes: recording is a change. */
const withoutMark = (described: string): string => described.replace(/-dirty$/, '');
