import { parseStreamName } from '#libs/domain/stream-names.js';
import type { StreamFamily } from '#libs/domain/stream-names.js';
import type { LogPosition } from '../position.js';
import type { RecordedEvent } from '../recorded-event.js';
import type { SetAsideEvents } from './set-aside-events.js';

/** An event that is not what its type promises. The position is known if it was found in a read of the whole log. */
export type UnreadableEvent = Readonly<{
  stream: string;
  revision: number;
  type: string;
  why: string;
  position?: LogPosition;
}>;

/** Number of events kept by name. Anybody with access to the store may append millions, and all of them are counted. */
const KEPT = 1_000;

/** Characters of a type that are kept. Whoever appended the event chose the type, which may be of any length. */
const TYPE_LENGTH = 64;

type Noted = RecordedEvent & Readonly<{ position?: LogPosition }>;

/** Collects the events of our streams that this process has met and does not understand. Each is reported once. */
export class UnreadableEvents {
  readonly #kept = new Map<string, UnreadableEvent>();
  /** Events found beyond those that are kept, by family. An event that is met again counts again. */
  readonly #beyond = new Map<StreamFamily, number>();
  readonly #listeners: ((event: UnreadableEvent) => void)[] = [];

  /** Number of decisions when no room was found last. */
  #decidedWhenFull = -1;

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has' | 'size'>) {}

  /** Calls the listener once for each event that is kept by name. A listener must not throw. */
  onFound(listener: (event: UnreadableEvent) => void): void {
    this.#listeners.push(listener);
    for (const event of this.#kept.values()) listener(event);
  }

  noteEvent({ stream, revision, type, unreadable, position }: Noted): void {
    const family = parseStreamName(stream)?.family;
    if (family === undefined || unreadable === undefined) return;
    const key = `${stream}@${revision}`;
    const known = this.#kept.get(key);
    if (known) {
      if (position && !known.position) this.#kept.set(key, { ...known, position });
      return;
    }
    if (this.#kept.size >= KEPT && !this.#makeRoom()) {
      if (!this.setAside.has(stream, revision)) this.#beyond.set(family, (this.#beyond.get(family) ?? 0) + 1);
      return;
    }
    const event: UnreadableEvent = {
      stream,
      revision,
      type: type.slice(0, TYPE_LENGTH),
      why: unreadable,
      ...(position && { position }),
    };
    this.#kept.set(key, event);
    for (const listener of this.#listeners) listener(event);
  }

  /** The events kept by name, as they were found, including those set aside. */
  get all(): readonly UnreadableEvent[] {
    return [...this.#kept.values()];
  }

  /** The events kept by name that nobody has set aside. */
  get undecidedEvents(): readonly UnreadableEvent[] {
    return this.all.filter(({ stream, revision }) => !this.setAside.has(stream, revision));
  }

  /**
   * Numbers of events that nobody has set aside, by family. Beyond those kept by name, an event that is met again
   * counts again.
   */
  get counts(): ReadonlyMap<StreamFamily, number> {
    const counts = new Map(this.#beyond);
    for (const { stream } of this.undecidedEvents) {
      const { family } = parseStreamName(stream)!;
      counts.set(family, (counts.get(family) ?? 0) + 1);
    }
    return counts;
  }

  /** Drops an event that was set aside to make room for one that was not. */
  #makeRoom(): boolean {
    if (this.setAside.size === this.#decidedWhenFull) return false;
    for (const [key, { stream, revision }] of this.#kept) {
      if (this.setAside.has(stream, revision)) return this.#kept.delete(key);
    }
    this.#decidedWhenFull = this.setAside.size;
    return false;
  }
}
