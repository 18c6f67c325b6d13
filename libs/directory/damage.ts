import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';

/** The reason why each event of a stream cannot be decoded, by revision. */
export type Unread = ReadonlyMap<number, string>;

/**
 * How many such events are kept for each stream. A stream stays closed while one of them is not set aside. A
 * stream with more than this many stays closed for good.
 */
const KEPT = 1_000;

/**
 * Holds the events that the directory could not apply, by stream. Whoever depends on such a stream is locked
 * out, because a lost event may have been a revocation.
 */
export class Damage {
  readonly #unread = new Map<string, Map<number, string>>();

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has'>) {}

  /**
   * Returns why the stream is closed: its first unreadable event that nobody has set aside. Returns undefined
   * for an intact stream.
   */
  firstUnreadable(stream: string): Readonly<{ revision: number; why: string }> | undefined {
    let count = 0;
    for (const [revision, why] of this.#unread.get(stream) ?? []) {
      count += 1;
      // Events beyond the limit are not kept, so nobody can know whether all of them were set aside.
      if (count > KEPT || !this.setAside.has(stream, revision)) return { revision, why };
    }
    return undefined;
  }

  has(stream: string, revision: number): boolean {
    return this.#unread.get(stream)?.has(revision) ?? false;
  }

  addUnreadable(stream: string, revision: number, why: string): void {
    const unread = this.#unread.get(stream) ?? new Map<number, string>();
    if (unread.size <= KEPT) this.#unread.set(stream, unread.set(revision, why));
  }

  /** Yields every damaged stream with its unreadable events. */
  [Symbol.iterator](): IterableIterator<[string, Unread]> {
    return this.#unread.entries();
  }
}
