import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLinkFrame } from '../protocol/read-responses.js';
import { uuidBytes } from '../rules/uuid.js';
import { LogEntry } from './log-entry.js';
import {
  TOMBSTONE_REVISION,
  encodeRecord,
  recordData,
  recordSize,
  type ProposedEvent,
} from '../record/record.js';

const ID = '0190b5a4-7f3c-7abc-8def-0123456789ab';
const proposed = (event: Partial<ProposedEvent> = {}): ProposedEvent => ({
  id: uuidBytes(Buffer.from(ID)),
  type: 'MessagePosted',
  isJson: true,
  data: Buffer.from('{"body":"grüße"}'),
  metadata: Buffer.from('{}'),
  ...event,
});

const recordOf = (
  event: ProposedEvent,
  stream: string,
  revision: number,
  created: number,
  position: number,
): Buffer => {
  const record = Buffer.alloc(recordSize(event, stream, revision, created));
  encodeRecord(record, event, stream, revision, created, position);
  return record;
};

/** Returns the string after UTF-8 replaced its lone surrogates. */
const wellFormed = (value: string): string => Buffer.from(value).toString();

/** Returns the event as the client's own classes read it from the response. */
const decoded = (frame: Buffer) => streams.ReadResp.deserializeBinary(frame).getEvent()!;

describe('a record', () => {
  it('is read by the client as what was proposed', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 150 });
    const bytes = fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array));
    const number = fc.nat(2 ** 47);
    fc.assert(
      fc.property(
        text,
        text,
        bytes,
        bytes,
        fc.boolean(),
        number,
        number,
        (stream, type, data, metadata, isJson, revision, position) => {
          const record = recordOf(
            proposed({ type, data, metadata, isJson }),
            stream,
            revision,
            1234,
            position,
          );
          const entry = new LogEntry(position, record);
          const event = decoded(entry.frame('text')).getEvent()!;
          expect(Buffer.from(event.getStreamIdentifier()!.getStreamName_asU8()).toString()).toBe(
            wellFormed(stream),
          );
          expect(event.getMetadataMap().get('type')).toBe(wellFormed(type));
          expect(event.getMetadataMap().get('content-type')).toBe(
            isJson ? 'application/json' : 'application/octet-stream',
          );
          expect(event.getMetadataMap().get('created')).toBe('12340000');
          expect(event.getStreamRevision()).toBe(String(revision));
          expect(event.getCommitPosition()).toBe(String(position));
          expect(Buffer.from(event.getData_asU8())).toEqual(data);
          expect(Buffer.from(event.getCustomMetadata_asU8())).toEqual(metadata);
          expect([entry.stream, entry.type]).toEqual([wellFormed(stream), wellFormed(type)]);
          expect([entry.revision, entry.created, entry.next]).toEqual([
            revision,
            1234,
            position + record.length,
          ]);
          expect(recordData(record)).toEqual(data);
        },
      ),
    );
  });

  const entry = new LogEntry(256, recordOf(proposed(), 's', 7, 1234, 256));

  it('comes with its position', () => {
    const response = decoded(entry.frame('text'));
    expect(response.getCommitPosition()).toBe('256');
    expect(response.hasLink()).toBe(false);
  });

  it.each(['text', 'structured'] as const)(
    'that is a link goes with its event, or alone, ids as %s',
    (uuids) => {
      const linked = new LogEntry(1256, recordOf(proposed(), 'target', 9, 1234, 1256));
      const both = decoded(readLinkFrame(entry, linked, uuids));
      expect([both.getLink()!.getStreamRevision(), both.getEvent()!.getStreamRevision()]).toEqual(['7', '9']);
      expect([both.getCommitPosition(), both.getEvent()!.getCommitPosition()]).toEqual(['256', '1256']);
      const alone = decoded(readLinkFrame(entry, undefined, uuids));
      expect([alone.hasLink(), alone.hasEvent(), alone.getCommitPosition()]).toEqual([true, false, '256']);
    },
  );

  it('gives its id as text or as two halves', () => {
    expect(decoded(entry.frame('text')).getEvent()!.getId()!.getString()).toBe(ID);
    const halves = decoded(entry.frame('structured')).getEvent()!.getId()!.getStructured()!;
    expect(BigInt.asUintN(64, BigInt(halves.getMostSignificantBits()))).toBe(0x0190b5a47f3c7abcn);
    expect(BigInt.asUintN(64, BigInt(halves.getLeastSignificantBits()))).toBe(0x8def0123456789abn);
  });

  it('that is a tombstone has the largest revision', () => {
    const tombstone = recordOf(proposed(), 's', TOMBSTONE_REVISION, 1, 256);
    expect(decoded(new LogEntry(256, tombstone).frame('text')).getEvent()!.getStreamRevision()).toBe(
      String(2n ** 63n - 1n),
    );
  });
});
