import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../../../test/support/collect.js';
import { startEventStore } from '../../../test/support/event-store.js';
import { newEvent } from '../../../test/support/new-event.js';
import { EventStore } from '../event-store.js';
import { StreamWriter } from './stream-writer.js';
import { WritingBudget } from './writing-budget.js';
import type { TestEventStore } from '../../../test/support/event-store.js';
import type { Outcome, StreamRules } from './stream-rules.js';

type Request = { id: string };
type Answer = { seq: number; duplicate?: true };

/** Rules that accept each id once, as a gateway does with messages. */
const acceptOnce = (store: EventStore, stream: string): StreamRules<Request, Answer> => {
  const seqs = new Map<string, number>();
  let head = -1;
  return {
    catchUp: async () => {
      for await (const { eventId, revision } of store.readStream(stream, { from: head + 1 })) {
        seqs.set(eventId, revision);
        head = revision;
      }
    },
    revision: () => (head < 0 ? 'no_stream' : head),
    decide: (requests, uncertain) => {
      const inBatch = new Map(seqs);
      let next = head + 1;
      return requests.map((request): Outcome<Answer> => {
        const seq = inBatch.get(request.id);
        if (seq === undefined) {
          inBatch.set(request.id, next++);
          return { kind: 'append', event: { ...newEvent(), eventId: request.id } };
        }
        return { kind: 'answer', answer: uncertain.has(request) ? { seq } : { seq, duplicate: true } };
      });
    },
    accepted: async (requests, firstRevision) => {
      requests.forEach(({ id }, index) => seqs.set(id, firstRevision + index));
      head = firstRevision + requests.length - 1;
      return requests.map((_, index) => ({ seq: firstRevision + index }));
    },
  };
};

describe('writing a stream', () => {
  let server: TestEventStore;
  const stores: EventStore[] = [];
  beforeAll(async () => {
    server = await startEventStore();
    for (let i = 0; i < 2; i += 1) {
      stores.push(new EventStore({ connectionString: server.connectionString, deadlineMs: 2_000 }));
    }
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.stop();
  });

  const writersOf = (stream: string) =>
    stores.map((store) => new StreamWriter(store, stream, acceptOnce(store, stream), new WritingBudget()));
  const idsIn = async (stream: string): Promise<string[]> =>
    (await collect(stores[0]!.readStream(stream))).map(({ eventId }) => eventId);

  it('keeps the order of each of two writers that compete for it, and loses and doubles nothing', async () => {
    const stream = randomUUID();
    const ids = [0, 1].map(() => Array.from({ length: 300 }, (): string => randomUUID()));
    const answers = await Promise.all(
      writersOf(stream).map((writer, index) => Promise.all(ids[index]!.map((id) => writer.submit({ id })))),
    );
    const stored = await idsIn(stream);
    for (const [index, own] of ids.entries()) {
      expect(stored.filter((id) => own.includes(id))).toEqual(own);
      expect(answers[index]!.map(({ seq }) => stored[seq])).toEqual(own);
    }
    expect(stored).toHaveLength(600);
  });

  it('accepts an id once when two gateways get it at the same time', async () => {
    const stream = randomUUID();
    const ids = Array.from({ length: 100 }, () => randomUUID());
    // In opposite orders, because EventStoreDB takes an append with the same ids at the same place for a repeat.
    const [left, right] = await Promise.all(
      writersOf(stream).map(async (writer, index) => {
        const order = index === 0 ? ids : ids.toReversed();
        const answers = await Promise.all(order.map((id) => writer.submit({ id })));
        return index === 0 ? answers : answers.toReversed();
      }),
    );
    expect((await idsIn(stream)).toSorted()).toEqual(ids.toSorted());
    for (const [index] of ids.entries()) {
      const both = [left![index]!, right![index]!];
      expect(both[0]!.seq).toBe(both[1]!.seq);
      expect(both.filter(({ duplicate }) => duplicate)).toHaveLength(1);
    }
  });

  it('stores every request once, in order and with its own answer, while the store is killed again and again', async () => {
    const stream = randomUUID();
    const [writer] = writersOf(stream);
    const ids: string[] = [];
    const answers: Promise<Answer>[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 30; i += 1) {
        const id = randomUUID();
        ids.push(id);
        answers.push(writer!.submit({ id }));
      }
      if (round % 2 === 0) await answers[round * 30];
      await server.kill();
      await server.restart();
    }
    const settled = await Promise.all(answers);
    const stored = await idsIn(stream);
    expect(stored).toEqual(ids);
    expect(settled).toEqual(ids.map((_, seq) => ({ seq })));
    await writer!.stopWriter();
    expect(writer!.idle).toBe(true);
  });
});
