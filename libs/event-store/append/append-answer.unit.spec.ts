import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { decodeAppendAnswer, isUndecided, readAnswer } from './append-answer.js';

const REQUEST = { stream: 's', events: [], expected: 'any' } as const;

type Place = Readonly<{ revision?: string; commit?: string; prepare?: string }>;

const success = ({ revision, commit, prepare }: Place): Buffer => {
  const made = new streams.BatchAppendResp.Success();
  if (revision === undefined) made.setNoStream(new empty.Empty());
  else made.setCurrentRevision(revision);
  if (commit === undefined) made.setNoPosition(new empty.Empty());
  else {
    const place = new shared.AllStreamPosition();
    place.setCommitPosition(commit);
    place.setPreparePosition(prepare ?? commit);
    made.setPosition(place);
  }
  return answerWith((answer) => answer.setSuccess(made));
};

const answerWith = (fill: (answer: streams.BatchAppendResp) => unknown, id: string = ID): Buffer => {
  const answer = new streams.BatchAppendResp();
  const uuid = new shared.UUID();
  uuid.setString(id);
  answer.setCorrelationId(uuid);
  fill(answer);
  return Buffer.from(answer.serializeBinary());
};

const ID = randomUUID();

/** Returns the result of an answer, or the error, as its caller gets it. */
const outcomeOf = (bytes: Buffer): unknown => {
  const { result, other } = decodeAppendAnswer(bytes);
  try {
    return result ?? readAnswer(other!, REQUEST);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the answer to an append', () => {
  it('means the same as by the protocol’s own classes, whatever numbers it has', () => {
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n),
      fc.nat().map(BigInt),
    );
    const place = fc.option(number.map(String), { nil: undefined });
    const places = fc.record({ revision: place, commit: place, prepare: place });
    fc.assert(
      fc.property(places, (given) => {
        const bytes = success(given as Place);
        const answer = streams.BatchAppendResp.deserializeBinary(bytes);
        let expected: unknown;
        try {
          expected = readAnswer(answer, REQUEST);
        } catch (error) {
          expected = (error as Error).message;
        }
        expect(decodeAppendAnswer(bytes).id).toBe(ID);
        expect(outcomeOf(bytes)).toEqual(expected);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('has its result at once when it has a place in the log', () => {
    const { result, other } = decodeAppendAnswer(success({ revision: '7', commit: '300' }));
    expect(result).toEqual({ revision: 7, position: { commit: 300n, prepare: 300n } });
    expect(other).toBeUndefined();
  });

  it('is a refusal when it has an error', () => {
    const bytes = answerWith((answer) => answer.setStreamPosition('1'));
    const { id, other } = decodeAppendAnswer(bytes);
    expect(id).toBe(ID);
    expect(isUndecided(other!)).toBe(true);
    expect(() => readAnswer(other!, REQUEST)).toThrow(StoreUnavailable);
  });

  it('belongs to no append when it names none', () => {
    expect(decodeAppendAnswer(answerWith(() => undefined, '')).id).toBe('');
    expect(decodeAppendAnswer(Buffer.alloc(0)).id).toBe('');
  });
});
