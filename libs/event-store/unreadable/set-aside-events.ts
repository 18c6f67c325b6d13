/** An event that an admin has set aside. It keeps its place in its stream and is ignored otherwise. */
export type SetAsideEvent = Readonly<{
  stream: string;
  revision: number;
  /** The reason, in the admin's words. */
  reason: string;
  /** Key id of the admin who decided. */
  keyId: string;
  /** When the decision was recorded, ISO 8601 UTC. */
  at: string;
}>;

/**
 * Knows which events are set aside, as far as the log was read. Code that meets an event which it does not understand
 * asks at that moment. An event that is understood counts, whatever was decided about it.
 */
export class SetAsideEvents {
  readonly #byStream = new Map<string, Map<number, SetAsideEvent>>();
  #size = 0;

  /** Number of events set aside; it only grows. */
  get size(): number {
    return this.#size;
  }

  has(stream: string, revision: number): boolean {
    return this.#byStream.get(stream)?.has(revision) ?? false;
  }

  find(stream: string, revision: number): SetAsideEvent | undefined {
    return this.#byStream.get(stream)?.get(revision);
  }

  /** Adds a decision. The first one for an event stands. */
  setAside(event: SetAsideEvent): void {
    const known = this.#byStream.get(event.stream) ?? new Map<number, SetAsideEvent>();
    if (known.has(event.revision)) return;
    this.#byStream.set(event.stream, known.set(event.revision, event));
    this.#size += 1;
  }

  /** Iterates in the order in which streams were first decided about. */
  *[Symbol.iterator](): Generator<SetAsideEvent> {
    for (const known of this.#byStream.values()) yield* known.values();
  }
}

/** Returns whether an event stops everything that depends on it: it is not understood, and nobody has set it aside. */
export const isDamage = (
  event: Readonly<{ stream: string; revision: number; unreadable?: string }>,
  setAside: Pick<SetAsideEvents, 'has'>,
): boolean => event.unreadable !== undefined && !setAside.has(event.stream, event.revision);
