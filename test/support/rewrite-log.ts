import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordWalk } from '#libs/embedded-event-store/check/record-walk.js';
import {
  encodeRecord,
  recordCreated,
  recordData,
  recordId,
  recordIsJson,
  recordMetadata,
  recordRevision,
  recordSize,
  recordStream,
  recordType,
  sealRecord,
  type ProposedEvent,
} from '#libs/embedded-event-store/record/record.js';

/** A record of the log, without its place. */
export type LogRecord = Readonly<{
  event: ProposedEvent;
  stream: string;
  revision: number;
  created: number;
}>;

const FIRST_POSITION = 256;

/**
 * Writes the log of an embedded store that does not run anew, with every sum as it must be, as somebody could who knows
 * its format. What the store derives from the log is removed.
 *
 * @throws Error when the log has more than one file
 */
export const rewriteLog = (dataDir: string, change: (records: LogRecord[]) => readonly LogRecord[]): void => {
  const [file, ...others] = readdirSync(dataDir).filter((name) => name.startsWith('events-'));
  if (file === undefined || others.length > 0) throw new Error('Only a log of one file can be rewritten');
  const path = join(dataDir, file);
  writeFileSync(path, encodeLog(change(recordsIn(readFileSync(path)))));
  for (const name of readdirSync(dataDir))
    if (name.startsWith('index.mdb') || name === 'acknowledged.end') rmSync(join(dataDir, name));
};

const recordsIn = (bytes: Buffer): LogRecord[] => {
  const source = {
    size: bytes.length,
    read: (at: number, length: number) => Buffer.from(bytes.subarray(at, at + length)),
  };
  const walk = new RecordWalk(source, (offset) => offset + FIRST_POSITION);
  const records: LogRecord[] = [];
  for (const finding of walk.findings(0, bytes.length, 0)) {
    if (finding.kind === 'hole') break;
    const record = Buffer.from(finding.record);
    records.push({
      event: {
        id: recordId(record),
        type: recordType(record),
        isJson: recordIsJson(record),
        data: recordData(record),
        metadata: recordMetadata(record),
      },
      stream: recordStream(record),
      revision: recordRevision(record),
      created: recordCreated(record),
    });
  }
  return records;
};

const encodeLog = (records: readonly LogRecord[]): Buffer => {
  let [position, previous] = [FIRST_POSITION, 0];
  return Buffer.concat(
    records.map(({ event, stream, revision, created }) => {
      const record = Buffer.alloc(recordSize(event, stream, revision, created));
      encodeRecord(record, event, stream, revision, created, position);
      previous = sealRecord(record, { previous, closesChange: true, opensGroup: true });
      position += record.length;
      return record;
    }),
  );
};
