/** An event that an admin has set aside: it keeps its place in its stream and counts for nothing else. */
export type SetAsideEvent = Readonly<{
  stream: string;
  revision: number;
  /** Why, in the admin's words. */
  reason: string;
  /** Of the admin who decided. */
  keyId: string;
  /** When that was recorded, ISO 8601 UTC. */
  at: string;
}>;

/**
 * Which events are set aside, as the log has said so far. Those who meet an event that they do not understand ask here
 * when they meet it. An event that is understood counts, whatever was decided about it.
 */
export class SetAsideEvents {
  readonly #byStream = new Map<string, Map<number, SetAsideEvent>>();
  #size = 0;

  /** How many there are; it only grows. */
  get size(): number {
    return this.#size;
  }

  has(stream: string, revision: number): boolean {
    return this.#byStream.get(stream)?.has(revision) ?? false;
  }

  find(stream: string, revision: number): SetAsideEvent | undefined {
    return this.#byStream.get(stream)?.get(revision);
  }

  /** The first decision stands. */
  add(event: SetAsideEvent): void {
    const known = this.#byStream.get(event.stream) ?? new Map<number, SetAsideEvent>();
    if (known.has(event.revision)) return;
    this.#byStream.set(event.stream, known.set(event.revision, event));
    this.#size += 1;
  }

  /** In the order in which streams were first decided about. */
  *[Symbol.iterator](): Generator<SetAsideEvent> {
    for (const known of this.#byStream.values()) yield* known.values();
  }
}

/** Whether an event stops those who depend on it: it is not understood, and nobody has set it aside. */
export const isDamage = (
  event: Readonly<{ stream: string; revision: number; unreadable?: string }>,
  setAside: Pick<SetAsideEvents, 'has'>,
): boolean => event.unreadable !== undefined && !setAside.has(event.stream, event.revision);
