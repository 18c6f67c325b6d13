import { LRUCache } from 'lru-cache';
import { Allowance, Allowances } from '#libs/platform/limits/allowances.js';
import type { Clock } from '#libs/platform/clock.js';
import type { Directory } from './directory.js';
import type { DirectoryTails } from './directory-tails.js';

/**
 * Reads of the store for keys that are not known, a second and at once, in all and for each address. Anybody can make up
 * a key that has the right form.
 */
const IN_ALL = { rate: 20, burst: 40 };
const EACH = { rate: 2, burst: 10 };

/** How long the log may take to bring a key for which the store is not read, in milliseconds. */
const FOLLOW_MS = 1_000;

/** So many keys that the store does not have are remembered, for so many milliseconds. */
const MISSING = { max: 5_000, ttl: 10_000 };

type Looked = Readonly<{
  /** Of the key's text: keys themselves are not kept. */
  hash: string;
  stream: string;
  /** The address that stands for whoever shows it. */
  from: string;
}>;

/**
 * Looks for keys that another process issued a moment ago. What made-up keys cost the store is bounded, whoever sends
 * how many: beyond that a key is waited for where the log brings it, which takes milliseconds and costs nothing.
 */
export class KeySearch {
  private readonly inAll: Allowance;
  private readonly each: Allowances;
  private readonly missing = new LRUCache<string, true>(MISSING);
  /** What looks again when its stream has changed. */
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(
    directory: Pick<Directory, 'onChange'>,
    private readonly tails: Pick<DirectoryTails, 'readOn'>,
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
  ) {
    const now = (): number => clock.elapsed();
    this.inAll = new Allowance(IN_ALL, now);
    this.each = new Allowances(EACH, now);
    directory.onChange(({ stream }) => this.waiting.get(stream)?.forEach((look) => look()));
  }

  /** Resolves as soon as `isKnown`, or once there is no hope that it will be. `isKnown` must not throw. */
  async search(key: Looked, isKnown: () => boolean): Promise<void> {
    if (this.missing.has(key.hash)) return;
    const hasRead = this.mayRead(key.from) && (await this.tails.readOn(key.stream));
    if (isKnown()) return;
    // A key is made by who issues it, and shown when it is stored: what was not there by now has no other way in.
    if (hasRead) this.missing.set(key.hash, true);
    else await this.follow(key.stream, isKnown);
  }

  private mayRead(from: string): boolean {
    return this.each.of(from).take(1) === 0 && this.inAll.take(1) === 0;
  }

  private follow(stream: string, isKnown: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const looks = this.waiting.get(stream) ?? new Set();
      const end = (): void => {
        cancel();
        looks.delete(look);
        if (looks.size === 0) this.waiting.delete(stream);
        resolve();
      };
      const look = (): void => {
        if (isKnown()) end();
      };
      const cancel = this.clock.after(FOLLOW_MS, end);
      this.waiting.set(stream, looks.add(look));
    });
  }
}
