import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AcknowledgedEnd } from '../storage/acknowledged-end.js';
import { markerTrouble } from '../storage/data-folder.js';
import { END_FILE, START } from '../storage/event-log.js';
import { segmentFileName, segmentFiles, type SegmentFile } from '../storage/segment-files.js';
import { surveySegment, type Hole, type OnRecord, type SegmentSurvey } from './segment-survey.js';

/** The result of checking a whole log. */
export interface LogCheck {
  readonly segments: readonly SegmentSurvey[];
  readonly records: number;
  readonly bytes: number;
  /** Position after the last complete change. */
  readonly end: number;
  /** Position up to which writes were acknowledged; undefined if that is not known. */
  readonly acknowledged: number | undefined;
  /** Places where the log does not contain what was written. */
  readonly damages: readonly Hole[];
  /** Problems outside the log itself, in one line each. */
  readonly troubles: readonly string[];
  /** Bytes after the end, from an append that was never acknowledged. The next start cuts them off. */
  readonly torn: number;
}

export interface CheckOptions {
  /** Called for each record, in the order of the files. */
  readonly onRecord?: OnRecord | undefined;
  /** Called after each file with the number of files that were checked, and of all files. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Checks all segments of a log, with their checksums and their chain. Changes nothing. @throws Error if files can't be
 * read
 */
export const checkLog = (folder: string, { onRecord, onProgress }: CheckOptions = {}): LogCheck => {
  const { files } = segmentFiles(folder);
  const segments: SegmentSurvey[] = [];
  const gaps: Hole[] = [];
  let expected = START.position;
  let previous: number | undefined = START.checksum;
  for (const [i, file] of files.entries()) {
    if (file.base > expected) {
      gaps.push(missing(files[i - 1], expected, file.base));
      previous = undefined;
    }
    const until = files[i + 1]?.base ?? Number.POSITIVE_INFINITY;
    const survey = surveySegment(folder, file, previous, until, onRecord);
    segments.push(survey);
    onProgress?.(i + 1, files.length);
    ({ end: expected, checksum: previous } = survey);
  }
  return judge(folder, segments, gaps);
};

const judge = (folder: string, segments: readonly SegmentSurvey[], gaps: readonly Hole[]): LogCheck => {
  const acknowledged = new AcknowledgedEnd(path.join(folder, END_FILE)).known;
  const last = segments.at(-1);
  const end = last?.lastChange ?? START.position;
  const damages = [...gaps, ...segments.flatMap(({ holes }) => holes)];
  const torn = last && acknowledged !== undefined && acknowledged <= end ? tornOf(last, damages) : 0;
  if (
    acknowledged !== undefined &&
    acknowledged > end &&
    !damages.some(({ position }) => (position ?? 0) >= end)
  )
    damages.push({
      file: last?.name ?? segmentFileName(START.position, 'log'),
      offset: last?.size ?? 0,
      position: end,
      bytes: acknowledged - end,
      what: `the log ends there, but events up to position ${acknowledged} were acknowledged`,
    });
  return {
    segments,
    records: segments.reduce((sum, { records }) => sum + records, 0),
    bytes: segments.reduce((sum, { size }) => sum + size, 0),
    end,
    acknowledged,
    damages,
    troubles: troublesOf(folder, acknowledged, segments.length > 0),
    torn,
  };
};

/** Removes the holes at the very end, after everything that was acknowledged, from the damages: a crash left them. */
const tornOf = (last: SegmentSurvey, damages: Hole[]): number => {
  const { lastChange, end } = last;
  const behind = damages.filter(({ position }) => position !== undefined && position >= lastChange);
  for (const hole of behind) damages.splice(damages.indexOf(hole), 1);
  return end - lastChange;
};

const missing = (before: SegmentFile | undefined, from: number, to: number): Hole => ({
  file: before ? segmentFileName(before.base, before.kind) : segmentFileName(from, 'log'),
  offset: before ? from - before.base : 0,
  position: from,
  bytes: to - from,
  what: before
    ? `the file ends there, and the next one begins at position ${to}: a file between them is missing, or this one was cut off`
    : 'the first file of the log is missing',
});

const troublesOf = (folder: string, acknowledged: number | undefined, hasLog: boolean): string[] => {
  const troubles: string[] = [];
  const marker = markerTrouble(folder);
  if (marker !== undefined) troubles.push(marker);
  if (hasLog && acknowledged === undefined)
    troubles.push(
      isThere(path.join(folder, END_FILE))
        ? `${END_FILE} is damaged: up to where the log was acknowledged is not known`
        : `${END_FILE} is missing: up to where the log was acknowledged is not known`,
    );
  return troubles;
};

const isThere = (file: string): boolean => {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
};
