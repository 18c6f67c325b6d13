/** The state in which a writer expects a stream. A number is the revision of its last event. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

/** Last revision of a stream without events. */
export const NO_EVENTS = -1;

/**
 * Returns EventStoreDB's number for an expected revision (ExpectedVersion.cs). Clients see it in the errors of deletes.
 */
export const expectedVersionNumber = (expected: ExpectedRevision): number => {
  if (expected === 'any') return -2;
  if (expected === 'no_stream') return NO_EVENTS;
  return expected === 'stream_exists' ? -4 : expected;
};
