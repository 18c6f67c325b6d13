import type { ResolvedEvent } from '@eventstore/db-client';
import { onTestFinished } from 'vitest';
import { isBefore } from './version.js';

/** What subscriptions to a stream and to `$all` have alike. */
interface Subscription {
  on(name: 'data', listener: (resolved: ResolvedEvent) => void): unknown;
  on(name: 'caughtUp' | 'confirmation', listener: () => void): unknown;
  on(name: 'error', listener: (error: Error) => void): unknown;
  unsubscribe(): Promise<void>;
}

/** A subscription that remembers what it brought. It ends with the test. */
export class Follower {
  readonly received: ResolvedEvent[] = [];
  /** How many events had come each time it was told that it caught up. */
  readonly caughtUpAfter: number[] = [];
  /** What came, in order: `confirmation`, `caughtUp`, and numbers of events. */
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

  /** Resolves once so many events came. @throws what the subscription failed with */
  async events(count: number): Promise<ResolvedEvent[]> {
    await this.until(() => this.received.length >= count);
    return this.received;
  }

  /** Resolves when it is told, for the first time, that it caught up. @throws what the subscription failed with */
  caughtUp(): Promise<void> {
    return this.until(() => this.caughtUpAfter.length > 0);
  }

  /**
   * Resolves when it follows a stream that is not there yet. Servers before 24.2 ask again and again until there is one,
   * and say that they caught up only then.
   */
  waitsForItsStream(): Promise<void> {
    if (!isBefore('24.2.0')) return this.caughtUp();
    return this.until(() => this.order.includes('confirmation'));
  }

  /** Resolves with what it failed with. */
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
