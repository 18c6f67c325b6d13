import { WrongExpectedVersionError } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswers } from '#test/support/read-answers.js';
import { readAnswer as readAppendAnswer } from './append/append-answer.js';
import { translateError } from './error-translation.js';
import { StoreUnavailable, WrongExpectedRevision } from './event-store.errors.js';
import { LOG_START, keptPositionOf, parsePosition, positionOf, revisionOf } from './position.js';
import { SnapshotAssembly } from './snapshot/snapshot-parts.js';
import { readAnswer } from './stored/read-answer.js';
import { requirePlace, requireRevision } from './stored/stored-event.js';
import type { LogPosition } from './position.js';
import type { SentEvent } from './stored/stored-event.js';

const MAX = 2n ** 64n - 1n;
const possible = fc.bigInt(0n, 2n ** 63n - 2n);
/** The server's -1, its -2, its "end", and any other number that makes no sense as a signed 64-bit number. */
const beyond = fc.oneof(
  fc.constantFrom(MAX, MAX - 1n, 2n ** 63n, 2n ** 63n - 1n),
  fc.bigInt(2n ** 63n - 1n, MAX),
);
const impossible: fc.Arbitrary<LogPosition> = fc.oneof(
  beyond.map((commit) => ({ commit, prepare: commit })),
  fc.record({ commit: beyond, prepare: possible }),
  fc.record({ commit: possible, prepare: beyond }),
  possible.map((commit) => ({ commit, prepare: commit + 1n })),
);
/** Revisions that no event can have: no stream has 2^53 events. */
const noRevision = fc.oneof(beyond, fc.bigInt(2n ** 53n, MAX));
const request = { stream: 's', events: [], expected: 0 } as const;

const eventOf = (message: Buffer): SentEvent => {
  const answer = readAnswer(message);
  if (answer.kind !== 'event') throw new Error(`Read as ${answer.kind}`);
  return answer.event;
};

const appended = (fill: (success: InstanceType<typeof streams.BatchAppendResp.Success>) => void) => {
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision('7');
  success.setPosition(allStreamPosition({ commit: 9n, prepare: 9n }));
  fill(success);
  const answer = new streams.BatchAppendResp();
  answer.setSuccess(success);
  return answer;
};

const allStreamPosition = ({ commit, prepare }: LogPosition) => {
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(`${commit}`);
  position.setPreparePosition(`${prepare}`);
  return position;
};

const wrongVersion = (fill: (found: InstanceType<typeof shared.WrongExpectedVersion>) => void) => {
  const found = new shared.WrongExpectedVersion();
  fill(found);
  const details = new any.Any();
  details.pack(found.serializeBinary(), 'event_store.client.WrongExpectedVersion');
  const error = new status.Status();
  error.setDetails(details);
  const answer = new streams.BatchAppendResp();
  answer.setError(error);
  return answer;
};

const refusalOf = (answer: InstanceType<typeof streams.BatchAppendResp>): WrongExpectedRevision => {
  try {
    readAppendAnswer(answer, request);
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
};

/** Answers with a place in the log or in a stream where no event can be. */
describe('a number that no event can have does not count as a position', () => {
  it('in a checkpoint, which is then ignored', () => {
    fc.assert(
      fc.property(impossible, (position) => {
        expect(readAnswer(readAnswers.checkpoint(position))).toEqual({ kind: 'other' });
      }),
    );
    const withoutFields = Buffer.from(answerWith((answer) => answer.setCheckpoint(new Checkpoint())));
    expect(readAnswer(withoutFields)).toEqual({ kind: 'other' });
    expect(readAnswer(readAnswers.checkpoint({ commit: 5n, prepare: 0n }))).toEqual({
      kind: 'checkpoint',
      position: { commit: 5n, prepare: 0n },
    });
  });

  it('in an event, which is then requested again', () => {
    fc.assert(
      fc.property(impossible, (position) => {
        const event = eventOf(readAnswers.event({ position }));
        expect(event.position).toBeUndefined();
        expect(() => requirePlace(event)).toThrow(StoreUnavailable);
      }),
    );
  });

  it('in an event that the server sends without a position', () => {
    const message = answerWith((answer) => {
      const given = streams.ReadResp.deserializeBinary(readAnswers.event()).getEvent()!;
      given.setNoPosition(new shared.Empty());
      answer.setEvent(given);
    });
    expect(eventOf(Buffer.from(message)).position).toBeUndefined();
  });

  it('in the revision of an event, except for a tombstone, which has it', () => {
    fc.assert(
      fc.property(noRevision, (revision) => {
        const event = { ...eventOf(readAnswers.event()), revision: Number(revision) };
        expect(() => requireRevision(event)).toThrow(StoreUnavailable);
        expect(() => requirePlace(event)).toThrow(StoreUnavailable);
        expect(requireRevision({ ...event, type: '$streamDeleted' })).toMatchObject({
          type: '$streamDeleted',
        });
      }),
    );
  });

  it('in the answer to an append, which then gives no position', () => {
    const refused = (answer: InstanceType<typeof streams.BatchAppendResp>): void =>
      expect(() => readAppendAnswer(answer, request)).toThrow(StoreUnavailable);
    expect(
      readAppendAnswer(
        appended(() => undefined),
        request,
      ),
    ).toEqual({
      revision: 7,
      position: { commit: 9n, prepare: 9n },
    });
    fc.assert(
      fc.property(impossible, noRevision, (position, revision) => {
        refused(appended((success) => success.setPosition(allStreamPosition(position))));
        refused(appended((success) => success.setCurrentRevision(`${revision}`)));
      }),
    );
    refused(appended((success) => success.setNoPosition(new empty.Empty())));
    refused(appended((success) => success.setNoStream(new empty.Empty())));
    refused(appended((success) => success.clearPosition()));
  });

  it('in the current revision of a stream, which then means that there is no stream', () => {
    fc.assert(
      fc.property(noRevision, (revision) => {
        const found = wrongVersion((version) => version.setCurrentStreamRevision(`${revision}`));
        expect(refusalOf(found).actual).toBe('no_stream');
        const thrown = new WrongExpectedVersionError(null as never, {
          streamName: 's',
          current: revision,
          expected: 0n,
        });
        expect(translateError(thrown, request)).toMatchObject({ actual: 'no_stream' });
      }),
    );
    expect(refusalOf(wrongVersion((version) => version.setCurrentNoStream(new empty.Empty()))).actual).toBe(
      'no_stream',
    );
    expect(refusalOf(wrongVersion((version) => version.setCurrentStreamRevision('41'))).actual).toBe(41);
  });

  it('in a snapshot, which is then ignored', () => {
    fc.assert(
      fc.property(impossible, ({ commit, prepare }) => {
        const part = { version: 1, id: 'x', part: 0, parts: 1, rows: [] };
        const stored = { ...part, position: { commit: `${commit}`, prepare: `${prepare}` } };
        expect(() => new SnapshotAssembly(1).addPart(stored)).toThrow(RangeError);
      }),
    );
  });

  it('in a database row, where the start of the log is -1', () => {
    fc.assert(
      fc.property(impossible, ({ commit, prepare }) => {
        expect(keptPositionOf(commit, prepare)).toBeUndefined();
        expect(keptPositionOf(`${commit}`, `${prepare}`)).toBeUndefined();
      }),
    );
    expect(keptPositionOf('-1', '-1')).toEqual(LOG_START);
    for (const odd of ['-2', '1.5', '', 'NaN', '1e3', '9'.repeat(30)]) {
      expect(keptPositionOf(odd, odd)).toBeUndefined();
    }
  });

  it('in a position that a client sends', () => {
    fc.assert(
      fc.property(beyond, (commit) => {
        expect(() => parsePosition(`${commit}`)).toThrow(RangeError);
      }),
    );
  });

  it('while every other number is kept', () => {
    fc.assert(
      fc.property(possible, possible, fc.nat(Number.MAX_SAFE_INTEGER), (a, b, revision) => {
        const [prepare, commit] = a < b ? [a, b] : [b, a];
        const position = { commit, prepare };
        expect(positionOf(commit, prepare)).toEqual(position);
        expect(keptPositionOf(`${commit}`, `${prepare}`)).toEqual(position);
        expect(parsePosition(`${commit}`)).toEqual({ commit, prepare: commit });
        expect(revisionOf(`${revision}`)).toBe(revision);
        const event = eventOf(readAnswers.event({ position, revision }));
        expect(requirePlace(event)).toMatchObject({ position, revision });
      }),
    );
  });
});

const { Checkpoint } = streams.ReadResp;
const answerWith = (fill: (answer: InstanceType<typeof streams.ReadResp>) => void): Uint8Array => {
  const answer = new streams.ReadResp();
  fill(answer);
  return answer.serializeBinary();
};
