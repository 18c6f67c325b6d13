import type { ResolvedEvent } from '@eventstore/db-client';
import { onTestFinished } from 'vitest';
import { isBefore } from './version.js';

/** The interface that subscriptions to a stream and to `$all` share. */
interface Subscription {
  on(name: 'data', listener: (resolved: ResolvedEvent) => void): unknown;
  on(name: 'caughtUp' | 'confirmation', listener: () => void): unknown;
  on(name: 'error', listener: (error: Error) => void): unknown;
  unsubscribe(): Promise<void>;
}

/** A subscription that remembers what it delivered. It ends with the test. */
export class Follower {
  readonly received: ResolvedEvent[] = [];
  /** How many events had come each time the server said that it caught up. */
  readonly caughtUpAfter: number[] = [];
  /** Everything that came, in order: `confirmation`, `caughtUp`, and numbers of events. */
  readonly order: string[] = [];
  error: Error | undefined;
  private wake = (): void => {};

  constructor(subscription: unknown) {
    const source = subscription as Subscription;
    source.on('data', (resolved) => {
      this.received.push(resolved);
      this.note('event');
    });
    source.on('caughtUp', () => {
      this.caughtUpAfter.push(this.received.length);
      this.note('caughtUp');
    });
    source.on('confirmation', () => this.note('confirmation'));
    source.on('error', (error) => {
      this.error = error;
      this.note('error');
    });
    onTestFinished(async () => {
      if (!this.error) await source.unsubscribe();
    });
  }

  /** Resolves once this many events came. @throws the error with which the subscription failed */
  async events(count: number): Promise<ResolvedEvent[]> {
    await this.until(() => this.received.length >= count);
    return this.received;
  }

  /**
   * Resolves when the server says for the first time that it caught up.
   * @throws the error with which the subscription failed
   */
  caughtUp(): Promise<void> {
    return this.until(() => this.caughtUpAfter.length > 0);
  }

  /**
   * Resolves when it follows a stream that does not exist yet. Servers before 24.2 ask again and again until the stream
   * exists, and only then say that they caught up.
   */
  waitsForItsStream(): Promise<void> {
    if (!isBefore('24.2.0')) return this.caughtUp();
    return this.until(() => this.order.includes('confirmation'));
  }

  /** Resolves with the error with which the subscription failed. */
  async failed(): Promise<Error> {
    await this.until(() => this.error !== undefined, false);
    return this.error!;
  }

  private async until(condition: () => boolean, throwing = true): Promise<void> {
    while (!condition()) {
      if (throwing && this.error) throw this.error;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private note(what: string): void {
    this.order.push(what);
    this.wake();
  }
}
