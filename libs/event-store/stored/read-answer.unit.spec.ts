import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswers } from '#test/support/read-answers.js';
import { storedEvent } from '#test/support/stored-event.js';
import { MalformedMessage } from '#libs/protobuf/wire.js';
import { readAnswer } from './read-answer.js';

const text = fc.string({ unit: 'binary', maxLength: 50 });
const u63 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const place = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 63n - 2n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 2n }))
  .map(([a, b]) => (a < b ? { prepare: a, commit: b } : { prepare: b, commit: a }));

const anyEvent = fc.record({
  position: place,
  stream: text,
  revision: fc.nat(Number.MAX_SAFE_INTEGER),
  eventId: fc.uuid(),
  type: text,
  ticks: u63,
  isJson: fc.boolean(),
  data: text,
  metadata: text,
});

describe('an answer of the store', () => {
  it('is read as the generated classes wrote it, whatever the event', () => {
    fc.assert(
      fc.property(anyEvent, (given) => {
        expect(readAnswer(readAnswers.event(given))).toEqual({ kind: 'event', event: storedEvent(given) });
      }),
    );
  });

  it('is distinguished from the others', () => {
    const position = { commit: 2n ** 60n + 1n, prepare: 7n };
    expect(readAnswer(readAnswers.checkpoint(position))).toEqual({ kind: 'checkpoint', position });
    expect(readAnswer(readAnswers.confirmed)).toEqual({ kind: 'confirmed' });
    expect(readAnswer(readAnswers.caughtUp)).toEqual({ kind: 'caughtUp' });
    expect(readAnswer(readAnswers.streamNotFound)).toEqual({ kind: 'streamNotFound' });
    expect(readAnswer(readAnswers.revisionHint('last', '41'))).toEqual({
      kind: 'lastRevision',
      revision: 41,
    });
    expect(readAnswer(readAnswers.fellBehind)).toEqual({ kind: 'other' });
    expect(readAnswer(readAnswers.danglingLink)).toEqual({ kind: 'other' });
  });

  it('cut short is an error, never half an event', () => {
    const whole = readAnswers.event();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (length) => {
        expect(() => readAnswer(whole.subarray(0, length))).toThrow(MalformedMessage);
      }),
    );
  });
});
