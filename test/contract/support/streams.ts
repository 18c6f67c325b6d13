import { randomUUID } from 'node:crypto';
import { jsonEvent, type EventData, type ResolvedEvent } from '@eventstore/db-client';

/** Returns a name that nothing else uses, whatever is stored on the server. */
export const streamName = (category = 'contract'): string => `${category}-${randomUUID()}`;

/** Returns an event with a number to recognise it by. */
export const event = (number = 0, type = 'Counted', id = randomUUID()): EventData =>
  jsonEvent({ id, type, data: { number } });

export const events = (count: number, first = 0): EventData[] =>
  Array.from({ length: count }, (_, i) => event(first + i));

/** Resolves with everything that a read returns. */
export const collect = async (source: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> => {
  const all: ResolvedEvent[] = [];
  for await (const resolved of source) all.push(resolved);
  return all;
};

/** Returns the numbers of events, in order. */
export const numbers = (resolved: readonly ResolvedEvent[]): number[] =>
  resolved.map(({ event: recorded }) => (recorded!.data as { number: number }).number);

export const revisions = (resolved: readonly ResolvedEvent[]): bigint[] =>
  resolved.map(({ event: recorded }) => recorded!.revision);

/** Resolves with the error of a call that must fail. @throws Error if it does not fail */
export const failure = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('The server accepted what it has to refuse');
};
