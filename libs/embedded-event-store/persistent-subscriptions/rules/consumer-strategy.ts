import type { StrategyName } from './group-settings.js';

/** Returns how many more messages a consumer accepts at this moment. */
export type Room = (consumer: string) => number;

/**
 * The consumer that a message goes to. `full`: no consumer accepts a message now. `later`: this message must wait, but
 * others may go.
 */
export type Choice = { readonly consumer: string } | 'full' | 'later';

/** Decides which consumer of a group gets a message. Consumers are named by the id of their connection. */
export interface ConsumerStrategy {
  addConsumer(consumer: string): void;
  remove(consumer: string): void;
  choose(pin: string, room: Room): Choice;
}

/** Sends a served consumer to the end of the queue (RoundRobinPersistentSubscriptionConsumerStrategy.cs). */
class RoundRobin implements ConsumerStrategy {
  protected readonly queue: string[] = [];

  addConsumer(consumer: string): void {
    this.queue.push(consumer);
  }

  remove(consumer: string): void {
    const at = this.queue.indexOf(consumer);
    if (at >= 0) this.queue.splice(at, 1);
  }

  choose(_pin: string, room: Room): Choice {
    for (let tried = 0; tried < this.queue.length; tried += 1) {
      const consumer = this.queue.shift()!;
      this.queue.push(consumer);
      if (room(consumer) > 0) return { consumer };
    }
    return 'full';
  }
}

/**
 * Gives everything to the first consumer while it has room, then to the next
 * (DispatchToSinglePersistentSubscriptionConsumerStrategy.cs).
 */
class DispatchToSingle extends RoundRobin {
  override choose(_pin: string, room: Room): Choice {
    for (let tried = 0; tried < this.queue.length; tried += 1) {
      const consumer = this.queue[0]!;
      if (room(consumer) > 0) return { consumer };
      this.queue.push(this.queue.shift()!);
    }
    return 'full';
  }
}

const BUCKETS = 1024;

/**
 * Divides the streams into buckets, each owned by one consumer (PinnedConsumerState.cs). A new consumer takes buckets
 * from those that own more than their share. The buckets of a consumer that left go to the one with the fewest, when
 * they are next needed.
 */
class Pinned implements ConsumerStrategy {
  private readonly consumers: string[] = [];
  private readonly owners = new Map<number, string>();

  addConsumer(consumer: string): void {
    this.consumers.push(consumer);
    const share = Math.ceil(this.owners.size / this.consumers.length);
    for (const owner of this.consumers.slice(0, -1)) {
      const owned = [...this.owners].filter(([, name]) => name === owner);
      for (const [bucket] of owned.slice(share)) this.owners.set(bucket, consumer);
    }
  }

  remove(consumer: string): void {
    this.consumers.splice(this.consumers.indexOf(consumer), 1);
    for (const [bucket, owner] of this.owners) if (owner === consumer) this.owners.delete(bucket);
  }

  choose(pin: string, room: Room): Choice {
    if (!this.consumers.some((consumer) => room(consumer) > 0)) return 'full';
    const bucket = hash(pin) % BUCKETS;
    let consumer = this.owners.get(bucket);
    if (consumer === undefined) this.owners.set(bucket, (consumer = this.leastBurdened()));
    return room(consumer) > 0 ? { consumer } : 'later';
  }

  private leastBurdened(): string {
    const counts = new Map(this.consumers.map((consumer) => [consumer, 0]));
    for (const owner of this.owners.values()) counts.set(owner, counts.get(owner)! + 1);
    return [...counts].reduce((least, next) => (next[1] < least[1] ? next : least))[0];
  }
}

/** Hashes a text with FNV-1a (RFC draft-eastlake-fnv). */
const hash = (text: string): number => {
  let value = 0x811c_9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x0100_0193) >>> 0;
  return value;
};

export const consumerStrategy = (name: StrategyName): ConsumerStrategy => {
  switch (name) {
    case 'RoundRobin':
      return new RoundRobin();
    case 'DispatchToSingle':
      return new DispatchToSingle();
    case 'Pinned':
      return new Pinned();
  }
};
