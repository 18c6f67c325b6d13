import { createHash, randomUUID, type Hash } from 'node:crypto';
import {
  START,
  jsonEvent,
  type AllStreamRecordedEvent,
  type EventStoreDBClient,
  type JSONEventType,
  type Position,
} from '@eventstore/db-client';
import type { StoreProcess } from './store-process.js';

const CONNECTIONS = 8;
const SHARED = 'shared';

type Noted = JSONEventType<'Noted', { text: string }>;
const event = (text = '') => jsonEvent<Noted>({ id: randomUUID(), type: 'Noted', data: { text } });

/** Appends to a store, kills it meanwhile, starts it, and compares what it holds with what was acknowledged. */
export class KillRounds {
  /** A digest of `$all` as it was found after each round, event by event. */
  readonly order = createHash('sha256');
  answered = 0;
  private looked: Position | undefined;
  private readonly next = new Map<string, bigint>();

  constructor(private readonly store: StoreProcess) {}

  /** Appends events, so that the store has something to load when it starts. */
  async fill(count: number): Promise<void> {
    const client = this.store.client();
    const text = 'x'.repeat(100);
    let left = count;
    const write = async (stream: string): Promise<void> => {
      while (left > 0) {
        const size = Math.min(500, left);
        left -= size;
        await client.appendToStream(
          stream,
          Array.from({ length: size }, () => event(text)),
        );
      }
    };
    await Promise.all(['fill-1', 'fill-2', 'fill-3', 'fill-4'].map(write));
    await this.look(client, new Set(), []);
  }

  /** Runs one round. Resolves with what is wrong afterwards, which should be nothing. */
  async appendAndKill(): Promise<string[]> {
    const answered = new Set<string>();
    const seen: string[] = [];
    const clients = Array.from({ length: CONNECTIONS }, () => this.store.client());
    await this.follow(clients[0]!, seen);
    const writers = Promise.allSettled(clients.map((client, i) => this.write(client, `own-${i}`, answered)));
    const wait = 50 + Math.random() * 200;
    await new Promise((resolve) => setTimeout(resolve, wait));
    await this.store.kill();
    await writers;
    await this.store.disconnect();
    await this.store.start();
    this.answered += answered.size;
    return this.look(this.store.client(), answered, seen);
  }

  /** Resolves with the digest of `$all` as it is now, read from its start. */
  async orderFromStart(): Promise<{ digest: string; events: number }> {
    const hash = createHash('sha256');
    let events = 0;
    for await (const { event: found } of this.store.client().readAll({ fromPosition: START })) {
      note(hash, found!);
      events += 1;
    }
    return { digest: hash.digest('hex'), events };
  }

  private async write(client: EventStoreDBClient, own: string, answered: Set<string>): Promise<void> {
    for (;;) {
      for (const stream of [own, SHARED]) {
        const events = [event(), event(), event()];
        await client.appendToStream(stream, events);
        for (const { id } of events) answered.add(id);
      }
    }
  }

  /** Records the ids that a subscriber is shown, from where the last round stopped reading. */
  private async follow(client: EventStoreDBClient, seen: string[]): Promise<void> {
    const subscription = client.subscribeToAll({ fromPosition: this.looked! });
    const confirmed = new Promise((resolve) => subscription.once('confirmation', resolve));
    subscription.on('data', ({ event: shown }) => void seen.push(shown!.id)).on('error', () => {});
    await confirmed;
  }

  private async look(client: EventStoreDBClient, answered: Set<string>, seen: string[]): Promise<string[]> {
    const problems: string[] = [];
    const ids: string[] = [];
    const from = this.looked;
    for await (const { event: found } of client.readAll({ fromPosition: from ?? START })) {
      const { id, streamId, revision, position } = found as AllStreamRecordedEvent;
      if (from && position.commit <= from.commit) continue;
      if (this.looked && position.commit <= this.looked.commit) problems.push('positions do not grow');
      if (revision !== (this.next.get(streamId) ?? 0n))
        problems.push(`${streamId} has a gap before ${revision}`);
      this.next.set(streamId, revision + 1n);
      this.looked = position;
      note(this.order, found!);
      ids.push(id);
    }
    const stored = new Set(ids);
    for (const id of answered) if (!stored.has(id)) problems.push(`answered event ${id} is lost`);
    if (seen.join() !== ids.slice(0, seen.length).join())
      problems.push('a subscriber was shown another order, or an event that is gone');
    return problems;
  }
}

const note = (
  hash: Hash,
  { id, streamId, revision }: { id: string; streamId: string; revision: bigint },
): void => {
  hash.update(`${id} ${streamId} ${revision}\n`);
};
