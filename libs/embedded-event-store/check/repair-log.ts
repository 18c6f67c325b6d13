import {
  copyFileSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  readSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { takeDataFolder } from '../storage/data-folder.js';
import { EventLog, START } from '../storage/event-log.js';
import { KeptRanges } from '../storage/kept-ranges.js';
import { segmentFileName, syncFolder } from '../storage/segment-files.js';
import { checkLog, type CheckOptions, type LogCheck } from './log-check.js';
import { LostEvents, type LostRevisions } from './lost-events.js';
import type { SegmentSurvey, SoundRange } from './segment-survey.js';

/** Says that the target folder of a repair is not empty. */
export class NotEmpty extends Error {
  override name = 'NotEmpty';
}

export interface Repair {
  /** Check of the damaged log. */
  readonly before: LogCheck;
  /** Check of the copy. */
  readonly after: LogCheck;
  readonly lost: LostRevisions;
}

/** A range of whole records, and the file to copy it from. */
interface Source extends SoundRange {
  readonly name: string;
}

const COPY_BYTES = 1024 * 1024;

/**
 * Copies every whole record of a log to another folder, at its old position and revision, as a log that a store can
 * start on. Damaged parts are missing there, and readers skip them as they skip scavenged events. The damaged log is
 * only read.
 * @throws NotEmpty
 */
export const repairLog = async (
  folder: string,
  into: string,
  options: CheckOptions = {},
): Promise<Repair> => {
  if (existsSync(into) && readdirSync(into).length > 0) throw new NotEmpty(`The folder ${into} is not empty`);
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const before = checkLog(folder, options);
  const lock = takeDataFolder(into);
  try {
    new RepairedCopy(folder, into, before).write();
    const access = path.join(folder, 'access');
    if (existsSync(access)) cpSync(access, path.join(into, 'access'), { recursive: true });
    const log = new EventLog(into); // builds the index
    await log.close();
  } finally {
    lock.release();
  }
  const lost = new LostEvents();
  const after = checkLog(into, { onRecord: (record) => lost.noteRecord(record) });
  return { before, after, lost: lost.lostRevisions() };
};

class RepairedCopy {
  private readonly sources: readonly Source[];
  private readonly segments: readonly SegmentSurvey[];
  private readonly end: number;

  constructor(
    private readonly folder: string,
    private readonly into: string,
    { segments, end }: LogCheck,
  ) {
    this.segments = segments;
    this.sources = withoutOverlaps(segments, end);
    const last = this.sources.at(-1);
    this.end = last ? last.start + last.length : START.position;
  }

  write(): void {
    // A file counts when a part of it lies in place. The records of a renamed file belong elsewhere.
    const inPlace = this.segments.filter(({ ranges }) => ranges.some((range) => range.inPlace));
    const bases = [START.position, ...inPlace.map(({ file }) => file.base)];
    const begins = [...new Set(bases)].filter((base) => base < this.end).toSorted((a, b) => a - b);
    let isKnown = true;
    begins.forEach((base, i) => {
      const end = begins[i + 1] ?? this.end;
      const survey = inPlace.find(({ file }) => file.base === base);
      const canFollow = survey?.firstPrevious !== undefined || isKnown;
      if (survey && canFollow && isWhole(survey, end)) this.copy(survey, end);
      else this.keep(base, end);
      isKnown = survey?.checksum !== undefined && survey.end === end;
    });
    syncFolder(this.into);
  }

  private copy({ file, name, size }: SegmentSurvey, end: number): void {
    if (file.kind === 'log')
      return this.fill(name, (to) => this.append(to, name, 0, Math.min(size, end - file.base)));
    const target = path.join(this.into, name);
    copyFileSync(path.join(this.folder, name), target);
  }

  /** Writes a segment that contains only the whole records of its range. */
  private keep(base: number, end: number): void {
    const ranges = this.sources.filter(({ start }) => start >= base && start < end);
    const kept = ranges.map(({ start, length }) => ({ start, length: Math.min(length, end - start) }));
    const next = this.segments.find(({ file }) => file.base === end);
    const own = this.segments.find(({ file }) => file.base === base);
    const checksum = next?.firstPrevious ?? own?.checksum ?? 0;
    this.fill(segmentFileName(base, 'kept'), (to) => {
      ranges.forEach(({ name, offset }, i) => this.append(to, name, offset, kept[i]!.length));
      writeSync(to, new KeptRanges(base, kept, end, checksum).encode());
    });
  }

  private fill(name: string, write: (to: number) => void): void {
    const to = openSync(path.join(this.into, name), 'wx', 0o600);
    try {
      write(to);
      fsyncSync(to);
    } finally {
      closeSync(to);
    }
  }

  private append(to: number, name: string, offset: number, length: number): void {
    const from = openSync(path.join(this.folder, name), 'r');
    try {
      const bytes = Buffer.allocUnsafe(COPY_BYTES);
      for (let done = 0; done < length;) {
        const count = readSync(from, bytes, 0, Math.min(COPY_BYTES, length - done), offset + done);
        if (count === 0) throw new Error(`${name} has become shorter`);
        writeSync(to, bytes, 0, count);
        done += count;
      }
    } finally {
      closeSync(from);
    }
  }
}

/** Returns whether a segment has every record, and each in its place, so that its file can stay as it is. */
const isWhole = ({ file, ranges, holes, end: ends }: SegmentSurvey, end: number): boolean => {
  const within = holes.filter(({ position }) => position === undefined || position < end);
  if (within.length > 0 || ends < end) return false;
  if (file.kind === 'kept') return ends === end;
  return ranges.length > 0 && ranges[0]!.start === file.base;
};

/**
 * Returns the ranges to copy, by position. A range in its place wins over one that was moved, and nothing beyond the
 * last complete change is copied.
 */
const withoutOverlaps = (segments: readonly SegmentSurvey[], end: number): Source[] => {
  const all = segments.flatMap(({ name, ranges, file }) =>
    ranges.map((range) => ({ ...range, name, limit: nextBase(segments, file.base) })),
  );
  const taken: Source[] = [];
  for (const { limit, ...source } of all.filter(({ inPlace }) => inPlace)) {
    const length = Math.min(
      source.length,
      limit - source.start,
      source.start < end ? end - source.start : source.length,
    );
    if (length > 0) taken.push({ ...source, length });
  }
  for (const { limit: _, ...source } of all.filter(({ inPlace }) => !inPlace)) {
    const overlaps = taken.some(
      ({ start, length }) => source.start < start + length && start < source.start + source.length,
    );
    if (!overlaps) taken.push(source);
  }
  return taken.toSorted((a, b) => a.start - b.start);
};

const nextBase = (segments: readonly SegmentSurvey[], base: number): number =>
  segments.find(({ file }) => file.base > base)?.file.base ?? Number.POSITIVE_INFINITY;
