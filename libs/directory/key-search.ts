import { LRUCache } from 'lru-cache';
import { Allowance, Allowances } from '#libs/platform/limits/allowances.js';
import type { Clock } from '#libs/time/clock.js';
import type { Directory } from './directory.js';
import type { DirectoryTails } from './directory-tails.js';

/**
 * How many reads of the store unknown keys may cause, per second and in one burst: in total, and for each
 * address. The limits are needed because anybody can make up a key of the right form.
 */
const IN_ALL = { rate: 20, burst: 40 };
const EACH = { rate: 2, burst: 10 };

/** Milliseconds that the log may take to deliver a key for which the store is not read. */
const FOLLOW_MS = 1_000;

/** How many keys that the store does not have are remembered, and for how many milliseconds. */
const MISSING = { max: 5_000, ttl: 10_000 };

type Looked = Readonly<{
  /** Hash of the key's text. Keys themselves are not kept. */
  hash: string;
  stream: string;
  /** The address that stands for the client that presents the key. */
  from: string;
}>;

/**
 * Looks up keys that another process issued a moment ago. Made-up keys cost the store a bounded number of
 * reads, however many arrive and wherever they come from. Beyond that limit, the search waits until the log
 * delivers the key, which takes milliseconds and costs nothing.
 */
export class KeySearch {
  private readonly inAll: Allowance;
  private readonly each: Allowances;
  private readonly missing = new LRUCache<string, true>(MISSING);
  /** Callbacks that check again when their stream has changed. */
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

  /**
   * Resolves as soon as `isKnown` returns true, or when the key can no longer be expected. `isKnown` must not
   * throw.
   */
  async search(key: Looked, isKnown: () => boolean): Promise<void> {
    if (this.missing.has(key.hash)) return;
    const hasRead = this.mayRead(key.from) && (await this.tails.readOn(key.stream));
    if (isKnown()) return;
    // A key is shown to its owner only after it is stored. If the stream did not hold it when it was read, it
    // does not exist.
    if (hasRead) this.missing.set(key.hash, true);
    else await this.follow(key.stream, isKnown);
  }

  private mayRead(from: string): boolean {
    return this.each.allowanceOf(from).takeTokens(1) === 0 && this.inAll.takeTokens(1) === 0;
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
