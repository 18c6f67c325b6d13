import { AnswerTimes } from './answer-times.js';
import { consumerStrategy, type Choice, type ConsumerStrategy } from './consumer-strategy.js';
import type { StrategyName } from './group-settings.js';
import type { Message } from './message.js';

export interface Consumer<E> {
  readonly id: string;
  /** Number of messages that it accepts without answering. */
  readonly size: number;
  readonly inFlight: Map<string, Message<E>>;
  /** Number of messages ever sent to it. */
  total: number;
  /** Present only when the group has extra statistics. */
  readonly answerTimes: AnswerTimes | undefined;
}

/** Holds the consumers of a group and the messages that each has not answered yet. */
export class Consumers<E> {
  private readonly byId = new Map<string, Consumer<E>>();
  private readonly strategy: ConsumerStrategy;

  constructor(
    strategy: StrategyName,
    private readonly isMeasured: boolean,
  ) {
    this.strategy = consumerStrategy(strategy);
  }

  get all(): readonly Consumer<E>[] {
    return [...this.byId.values()];
  }

  get count(): number {
    return this.byId.size;
  }

  addConsumer(id: string, size: number): void {
    const answerTimes = this.isMeasured ? new AnswerTimes() : undefined;
    this.byId.set(id, { id, size, inFlight: new Map(), total: 0, answerTimes });
    this.strategy.addConsumer(id);
  }

  /** Removes a consumer. Returns the messages that it had not answered. */
  remove(id: string): Message<E>[] {
    const consumer = this.byId.get(id);
    if (!consumer) return [];
    this.byId.delete(id);
    this.strategy.remove(id);
    return [...consumer.inFlight.values()];
  }

  /** Chooses the consumer for a message with this pin. */
  choose(pin: string): Choice {
    return this.strategy.choose(pin, (id) => {
      const consumer = this.byId.get(id)!;
      return consumer.size - consumer.inFlight.size;
    });
  }

  sent(id: string, message: Message<E>, now: number): void {
    const consumer = this.byId.get(id)!;
    consumer.total += 1;
    consumer.answerTimes?.sent(message.id, now);
    consumer.inFlight.set(message.id, message);
  }

  /** Records that a message was answered, timed out or taken back. */
  done(messageId: string, now: number): void {
    for (const { inFlight, answerTimes } of this.byId.values()) {
      inFlight.delete(messageId);
      answerTimes?.done(messageId, now);
    }
  }
}
