import { randomUUID } from 'node:crypto';
import { jsonEvent, START, type EventStoreDBClient, type ReadPosition } from '@eventstore/db-client';
import { collect } from '../support/collect.js';

export const EVENTS_AN_APPEND = 3;

/** Records what was appended and how that was answered, to compare it with what is stored. */
export class Ledger {
  readonly answered = new Set<string>();
  /** Ids of appends that failed. Each is stored as a whole or not at all. */
  readonly failed: (readonly string[])[] = [];

  async append(client: EventStoreDBClient, stream: string): Promise<void> {
    const events = Array.from({ length: EVENTS_AN_APPEND }, (_, number) =>
      jsonEvent({ id: randomUUID(), type: 'Noted', data: { number } }),
    );
    const ids = events.map(({ id }) => id);
    try {
      await client.appendToStream(stream, events);
      for (const id of ids) this.answered.add(id);
    } catch {
      this.failed.push(ids);
    }
  }

  /**
   * Returns what is wrong with the store: acknowledged events that are lost, gaps, orders that differ, appends stored
   * in part.
   */
  async problems(
    client: EventStoreDBClient,
    streams: readonly string[],
    from: ReadPosition = START,
  ): Promise<string[]> {
    const problems: string[] = [];
    const all = (await collect(client.readAll({ fromPosition: from }))).map(({ event }) => event!);
    const found = new Set(all.map(({ id }) => id));
    const lost = [...this.answered].filter((id) => !found.has(id));
    if (lost.length > 0) problems.push(`${lost.length} answered events are lost`);
    for (const ids of this.failed) {
      const kept = ids.filter((id) => found.has(id)).length;
      if (kept !== 0 && kept !== ids.length) problems.push(`an append is there in part: ${kept} events`);
    }
    for (const stream of streams) {
      const revisions = (await collect(client.readStream(stream))).map(({ event }) => event!);
      if (revisions.some(({ revision }, i) => revision !== BigInt(i))) problems.push(`${stream} has a gap`);
      const inAll = all.filter(({ streamId }) => streamId === stream).map(({ id }) => id);
      if (inAll.join() !== revisions.map(({ id }) => id).join())
        problems.push(`${stream} has another order in $all`);
    }
    return problems;
  }
}
