import { parseStreamName } from '#libs/domain/stream-names.js';
import type { StreamFamily } from '#libs/domain/stream-names.js';
import type { LogPosition } from '../position.js';
import type { RecordedEvent } from '../recorded-event.js';
import type { SetAsideEvents } from './set-aside-events.js';

/** An event that is not what its type promises. The position is known where the whole log was read. */
export type UnreadableEvent = Readonly<{
  stream: string;
  revision: number;
  type: string;
  why: string;
  position?: LogPosition;
}>;

/** So many are kept by name; anybody with access to the store may append millions, and all of them are counted. */
const KEPT = 1_000;

/** A type is given by whoever appended it and may be of any length. */
const TYPE_LENGTH = 64;

type Noted = RecordedEvent & Readonly<{ position?: LogPosition }>;

/** The events of our streams that this process has met and does not understand. Each is told once. */
export class UnreadableEvents {
  readonly #kept = new Map<string, UnreadableEvent>();
  /** By family: met beyond those that are kept. One that is met again counts again. */
  readonly #beyond = new Map<StreamFamily, number>();
  readonly #listeners: ((event: UnreadableEvent) => void)[] = [];

  /** So many decisions there were when no room was found last. */
  #decidedWhenFull = -1;

  constructor(private readonly setAside: Pick<SetAsideEvents, 'has' | 'size'>) {}

  /** Called once for each event among those kept. A listener must not throw. */
  onFound(listener: (event: UnreadableEvent) => void): void {
    this.#listeners.push(listener);
    for (const event of this.#kept.values()) listener(event);
  }

  note({ stream, revision, type, unreadable, position }: Noted): void {
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

  /** Those kept by name, as they were found; set aside or not. */
  get all(): readonly UnreadableEvent[] {
    return [...this.#kept.values()];
  }

  /** Those kept by name that nobody has set aside. */
  get damage(): readonly UnreadableEvent[] {
    return this.all.filter(({ stream, revision }) => !this.setAside.has(stream, revision));
  }

  /** Those that nobody has set aside, by family; beyond those kept by name an event that is met again counts again. */
  get counts(): ReadonlyMap<StreamFamily, number> {
    const counts = new Map(this.#beyond);
    for (const { stream } of this.damage) {
      const { family } = parseStreamName(stream)!;
      counts.set(family, (counts.get(family) ?? 0) + 1);
    }
    return counts;
  }

  /** What is set aside is let go for what is not. */
  #makeRoom(): boolean {
    if (this.setAside.size === this.#decidedWhenFull) return false;
    for (const [key, { stream, revision }] of this.#kept) {
      if (this.setAside.has(stream, revision)) return this.#kept.delete(key);
    }
    this.#decidedWhenFull = this.setAside.size;
    return false;
  }
}
