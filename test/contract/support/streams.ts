import { randomUUID } from 'node:crypto';
import { jsonEvent, type EventData, type ResolvedEvent } from '@eventstore/db-client';

/** A name that nothing else uses, whatever was stored on the server before. */
export const streamName = (category = 'contract'): string => `${category}-${randomUUID()}`;

/** An event with a number to know it by. */
export const event = (number = 0, type = 'Counted', id = randomUUID()): EventData =>
  jsonEvent({ id, type, data: { number } });

export const events = (count: number, first = 0): EventData[] =>
  Array.from({ length: count }, (_, i) => event(first + i));

/** All that a read gives. */
export const collect = async (source: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> => {
  const all: ResolvedEvent[] = [];
  for await (const resolved of source) all.push(resolved);
  return all;
};

/** The numbers of events, as they came. */
export const numbers = (resolved: readonly ResolvedEvent[]): number[] =>
  resolved.map(({ event: recorded }) => (recorded!.data as { number: number }).number);

export const revisions = (resolved: readonly ResolvedEvent[]): bigint[] =>
  resolved.map(({ event: recorded }) => recorded!.revision);

/** What a call that has to fail fails with. @throws Error if it does not */
export const failure = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('The server accepted what it has to refuse');
};
