/** What a writer expects of a stream. A number is the revision of its last event. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

/** Of a stream without events. */
export const NO_EVENTS = -1;

/** EventStoreDB's own numbers for the words (ExpectedVersion.cs); clients see them in errors of deletes. */
export const expectedVersionNumber = (expected: ExpectedRevision): number => {
  if (expected === 'any') return -2;
  if (expected === 'no_stream') return NO_EVENTS;
  return expected === 'stream_exists' ? -4 : expected;
};
