import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';

/** Why an event of a stream can't be understood, by its revision. */
export type Unread = ReadonlyMap<number, string>;

/** Of each stream so many are kept by name; it stays closed as long as one is left, and more than these close it for good. */
const KEPT = 1_000;

/**
 * What the directory could not take in, by stream. Who depends on such a stream is closed: what it would have said may
 * have been a withdrawal.
 */
export class Damage {
  readonly #unread = new Map<string, Map<number, string>>();

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has'>) {}

  /** Why the stream is closed, by its first such event that nobody has set aside; undefined for one that is whole. */
  of(stream: string): Readonly<{ revision: number; why: string }> | undefined {
    let count = 0;
    for (const [revision, why] of this.#unread.get(stream) ?? []) {
      count += 1;
      // Of more than are kept nobody knows whether they were decided about.
      if (count > KEPT || !this.setAside.has(stream, revision)) return { revision, why };
    }
    return undefined;
  }

  has(stream: string, revision: number): boolean {
    return this.#unread.get(stream)?.has(revision) ?? false;
  }

  note(stream: string, revision: number, why: string): void {
    const unread = this.#unread.get(stream) ?? new Map<number, string>();
    if (unread.size <= KEPT) this.#unread.set(stream, unread.set(revision, why));
  }

  /** Every stream that is damaged, with its events. */
  [Symbol.iterator](): IterableIterator<[string, Unread]> {
    return this.#unread.entries();
  }
}
