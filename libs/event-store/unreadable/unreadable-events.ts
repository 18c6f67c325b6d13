import { parseStreamName } from '#libs/domain/stream-names.js';
import type { StreamFamily } from '#libs/domain/stream-names.js';
import type { LogPosition } from '../position.js';
import type { RecordedEvent } from '../recorded-event.js';

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
  readonly #counts = new Map<StreamFamily, number>();
  readonly #listeners: ((event: UnreadableEvent) => void)[] = [];

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
    if (this.#kept.size >= KEPT) {
      this.#count(family);
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
    this.#count(family);
    for (const listener of this.#listeners) listener(event);
  }

  /** Those kept by name, as they were found. */
  get events(): readonly UnreadableEvent[] {
    return [...this.#kept.values()];
  }

  /** By family; beyond those kept by name an event that is met again counts again. */
  get counts(): ReadonlyMap<StreamFamily, number> {
    return this.#counts;
  }

  #count(family: StreamFamily): void {
    this.#counts.set(family, (this.#counts.get(family) ?? 0) + 1);
  }
}
