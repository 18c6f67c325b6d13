import { describe, expect, it } from 'vitest';
import { decideAppend, type AppendDecision, type StreamFacts } from './append-decision.js';
import { NO_EVENTS, type ExpectedRevision } from './expected-revision.js';

const NEW: StreamFacts = {
  lastRevision: NO_EVENTS,
  tombstoned: false,
  softDeleted: false,
  hasMetadata: false,
};
const ids = ['a', 'b', 'c'];
/** A stream that has events a, b, c at revisions 0, 1, 2. */
const THREE: StreamFacts = { ...NEW, lastRevision: 2 };

/** Decides on a stream that has the events `stored`, of which `remembered` are among the recent ids. */
const decide = (
  stream: StreamFacts,
  expected: ExpectedRevision,
  appended: readonly string[],
  { stored = ids, remembered = stored }: { stored?: readonly string[]; remembered?: readonly string[] } = {},
): AppendDecision =>
  decideAppend(stream, expected, appended, {
    recentRevision: (id) => (remembered.includes(id) ? stored.indexOf(id) : undefined),
    isAt: (revision, id) => stored[revision] === id,
  });

const APPEND = { kind: 'append', undelete: false };
const WRONG = { kind: 'wrong_expected_revision' };
const DELETED = { kind: 'stream_deleted' };
const repeatUpTo = (lastRevision: number): AppendDecision => ({ kind: 'repeat', lastRevision });

describe('a stream without events', () => {
  it.each(['any', 'no_stream'] as const)('takes an append that expects %s', (expected) => {
    expect(decide(NEW, expected, ['x'], { stored: [] })).toEqual(APPEND);
  });
  it.each(['stream_exists', 0, 7] as const)('refuses an append that expects %s', (expected) => {
    expect(decide(NEW, expected, ['x'], { stored: [] })).toEqual(WRONG);
  });
  it('exists for an append as soon as it has metadata', () => {
    expect(decide({ ...NEW, hasMetadata: true }, 'stream_exists', ['x'], { stored: [] })).toEqual(APPEND);
  });
});

describe('a stream whose last revision is 2', () => {
  it.each(['any', 'stream_exists', 2] as const)('takes new events when %s is expected', (expected) => {
    expect(decide(THREE, expected, ['x'])).toEqual(APPEND);
  });
  it.each(['no_stream', 0, 1, 3] as const)('refuses new events when %s is expected', (expected) => {
    expect(decide(THREE, expected, ['x'])).toEqual(WRONG);
  });
});

describe('a repeat with "any" or "stream_exists"', () => {
  it.each(['any', 'stream_exists'] as const)('is recognised by the recent ids (%s)', (expected) => {
    expect(decide(THREE, expected, ['b', 'c'])).toEqual(repeatUpTo(2));
    expect(decide(THREE, expected, ['b'])).toEqual(repeatUpTo(1));
  });
  it('is written again when its ids are forgotten', () => {
    expect(decide(THREE, 'any', ['b', 'c'], { remembered: [] })).toEqual(APPEND);
  });
  it('is refused when only its beginning was written', () => {
    expect(decide(THREE, 'any', ['c', 'x'])).toEqual(WRONG);
  });
  it('is written when its beginning is new, though later events are not', () => {
    expect(decide(THREE, 'any', ['x', 'c'])).toEqual(APPEND);
  });
});

describe('a repeat with a revision', () => {
  it.each([
    ['no_stream', ids, 2],
    ['no_stream', ['a'], 0],
    [0, ['b', 'c'], 2],
    [1, ['c'], 2],
  ] as const)('after %s is known by what is stored there, remembered or not', (expected, repeated, last) => {
    expect(decide(THREE, expected, repeated)).toEqual(repeatUpTo(last));
    expect(decide(THREE, expected, repeated, { remembered: [] })).toEqual(repeatUpTo(last));
  });
  it('is refused when an event differs, when it reaches beyond the end, or when it lies elsewhere', () => {
    expect(decide(THREE, 'no_stream', ['a', 'x'])).toEqual(WRONG);
    expect(decide(THREE, 0, ['b', 'c', 'x'])).toEqual(WRONG);
    expect(decide(THREE, 0, ['c'])).toEqual(WRONG);
  });
});

describe('an append without events', () => {
  it('is accepted where events would be, and never counts as a repeat', () => {
    expect(decide(THREE, 'any', [])).toEqual(APPEND);
    expect(decide(THREE, 2, [])).toEqual(APPEND);
    expect(decide(THREE, 1, [])).toEqual(WRONG);
  });
});

describe('a stream that was deleted softly', () => {
  const gone: StreamFacts = { ...THREE, softDeleted: true, hasMetadata: true };
  const REVIVE = { kind: 'append', undelete: true };
  it.each(['any', 'no_stream', 2] as const)('comes back when %s is expected', (expected) => {
    expect(decide(gone, expected, ['x'])).toEqual(REVIVE);
  });
  it('counts as deleted for a writer that expects it to exist', () => {
    expect(decide(gone, 'stream_exists', ['x'])).toEqual(DELETED);
  });
  it('keeps its revisions', () => {
    expect(decide(gone, 0, ['x'])).toEqual(WRONG);
    expect(decide(gone, 'no_stream', ['a'])).toEqual(repeatUpTo(0));
  });
});

it.each(['any', 'no_stream', 'stream_exists', 2] as const)(
  'A tombstone ends a stream, whatever is expected (%s)',
  (expected) => {
    expect(decide({ ...THREE, tombstoned: true }, expected, ids)).toEqual(DELETED);
  },
);
