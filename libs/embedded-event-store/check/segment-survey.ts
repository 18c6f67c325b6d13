import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { KeptRanges } from '../storage/kept-ranges.js';
import {
  FRAME_MIN,
  isFrameAt,
  recordChecksum,
  recordClosesChange,
  recordPosition,
  recordPrevious,
  recordRevision,
  recordStream,
} from '../record/record.js';
import { segmentFileName, type SegmentFile } from '../storage/segment-files.js';
import { RecordWalk, type Bytes, type Finding } from './record-walk.js';

/** Bytes that are enough for a record's header and the name of its stream. */
const HEADER_BYTES = 1024;

/** Whole records that follow each other without a gap. */
export interface SoundRange {
  /** Position of the first record, as the record says. */
  readonly start: number;
  length: number;
  /** Offset of the range in the file. */
  readonly offset: number;
  /** Whether the range lies where it was written. */
  readonly inPlace: boolean;
}

/** A place where a file does not contain what was written. */
export interface Hole {
  readonly file: string;
  readonly offset: number;
  /** Position of the first wrong byte; undefined if that can't be known. */
  readonly position: number | undefined;
  readonly bytes: number;
  readonly what: string;
  /** Stream and revision of the event that was there, as far as the remaining bytes say. They may be wrong too. */
  readonly said?: { readonly stream: string; readonly revision: number } | undefined;
}

export interface SegmentSurvey {
  readonly file: SegmentFile;
  readonly name: string;
  readonly size: number;
  /** Position after its last byte, taken from its name and size, or from its table. */
  readonly end: number;
  readonly ranges: readonly SoundRange[];
  readonly holes: readonly Hole[];
  readonly records: number;
  /** Checksum of the record that its first record was chained to; undefined if that is not known. */
  readonly firstPrevious: number | undefined;
  /** Checksum that the next segment is chained to; undefined if the last record is damaged. */
  readonly checksum: number | undefined;
  /** Position after the last record that completes a change. */
  readonly lastChange: number;
}

export type OnRecord = (record: Buffer, position: number, inPlace: boolean) => void;

/**
 * Checks every byte of a segment's file.
 *
 * @param previous checksum of the last record before the segment, if it is known
 * @param until position at which the next segment begins; bytes beyond it were never committed
 */
export const surveySegment = (
  folder: string,
  file: SegmentFile,
  previous: number | undefined,
  until: number,
  onRecord: OnRecord = () => {},
): SegmentSurvey => {
  const name = segmentFileName(file.base, file.kind);
  const fd = openSync(path.join(folder, name), 'r');
  try {
    return new Survey(file, name, bytesOf(fd), onRecord).surveySegment(previous, until);
  } finally {
    closeSync(fd);
  }
};

class Survey {
  private readonly ranges: SoundRange[] = [];
  private readonly holes: Hole[] = [];
  private kept: KeptRanges | undefined;
  private records = 0;
  private lastChange: number;
  private firstPrevious: number | undefined;
  private last: { end: number; checksum: number } | undefined;

  constructor(
    private readonly file: SegmentFile,
    private readonly name: string,
    private readonly bytes: Bytes,
    private readonly onRecord: OnRecord,
  ) {
    this.lastChange = file.base;
  }

  surveySegment(previous: number | undefined, until: number): SegmentSurvey {
    const { file, name } = this;
    const size = file.kind === 'kept' ? this.bytes.size : Math.min(this.bytes.size, until - file.base);
    if (file.kind === 'kept') this.kept = this.table();
    if (this.kept)
      for (const range of this.kept.allRanges())
        this.stretch(range.offset, range.offset + range.length, undefined);
    else this.stretch(0, size, previous);
    return {
      file,
      name,
      size,
      end: this.kept?.end ?? file.base + size,
      ranges: this.ranges,
      holes: this.holes,
      records: this.records,
      firstPrevious: this.firstPrevious,
      checksum: this.kept ? this.kept.checksum : this.last?.end === size ? this.last.checksum : undefined,
      lastChange: this.kept?.end ?? this.lastChange,
    };
  }

  private stretch(from: number, to: number, previous: number | undefined): void {
    const walk = new RecordWalk(this.bytes, (offset) => this.positionOf(offset) ?? -1);
    for (const finding of walk.findings(from, to, previous)) {
      if (finding.kind === 'record') this.addRecord(finding);
      else this.addHole(finding.offset, finding.length, 'the bytes there are not those that were written');
    }
  }

  private addRecord({ offset, record, follows }: Finding & { kind: 'record' }): void {
    const position = recordPosition(record);
    const place = this.positionOf(offset);
    const inPlace = place === undefined || place === position;
    if (!inPlace) this.addHole(offset, record.length, `the event of position ${position} lies there`);
    else if (follows === false)
      this.addHole(offset, record.length, 'the event there was not written directly after the one before it');
    const last = this.ranges.at(-1);
    if (
      last &&
      last.inPlace === inPlace &&
      last.start + last.length === position &&
      last.offset + last.length === offset &&
      follows !== false
    )
      last.length += record.length;
    else this.ranges.push({ start: position, length: record.length, offset, inPlace });
    if (offset === 0) this.firstPrevious = recordPrevious(record);
    this.last = { end: offset + record.length, checksum: recordChecksum(record) };
    if (inPlace && recordClosesChange(record)) this.lastChange = position + record.length;
    this.records += 1;
    this.onRecord(record, position, inPlace);
  }

  private addHole(offset: number, bytes: number, what: string): void {
    const position = this.positionOf(offset);
    const said = position === undefined ? undefined : this.saidAt(offset, position);
    this.holes.push({ file: this.name, offset, position, bytes, what, said });
  }

  private saidAt(offset: number, position: number): Hole['said'] {
    const header = this.bytes.read(offset, HEADER_BYTES);
    if (header.length < FRAME_MIN || !isFrameAt(header, 0, position)) return undefined;
    const revision = recordRevision(header);
    return Number.isSafeInteger(revision) ? { stream: recordStream(header), revision } : undefined;
  }

  /** Returns undefined when a scavenged segment has lost its table. Its records then name their own positions. */
  private positionOf(offset: number): number | undefined {
    if (this.file.kind === 'log') return this.file.base + offset;
    return this.kept?.positionOf(offset);
  }

  private table(): KeptRanges | undefined {
    try {
      return KeptRanges.decode(this.file.base, this.bytes.size, (offset, length) =>
        this.bytes.read(offset, length),
      );
    } catch {
      this.addHole(this.bytes.size, 0, 'the table at its end is damaged');
      return undefined;
    }
  }
}

const bytesOf = (fd: number): Bytes => ({
  size: fstatSync(fd).size,
  read: (offset, length) => {
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const count = readSync(fd, bytes, read, length - read, offset + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  },
});
