import type { NewEvent } from '../recorded-event.js';
import type { SentEvent } from '../stored/stored-event.js';
import { encodeEvent } from './encoded-event.js';

/** How many written events wait at most for their return from the log. */
const MOST = 8_192;

/**
 * Remembers the events that this process has appended until they come back from the log, so that they need not be parsed
 * again. An event is recognized by its bytes: whatever the log holds instead is parsed like any other.
 */
export class WrittenEvents {
  readonly #events = new Map<string, NewEvent>();

  /**
   * Remembers events that are being appended. Whether they get into the log does not matter; the oldest are forgotten.
   *
   * @param events whose data and metadata come back from JSON as they are, without fields that are undefined
   */
  noteEvents(events: readonly NewEvent[]): void {
    for (const event of events) this.#events.set(event.eventId, event);
    for (const id of this.#events.keys()) {
      if (this.#events.size <= MOST) return;
      this.#events.delete(id);
    }
  }

  /** Returns the event that was appended with exactly these bytes, if it is remembered, and forgets it. */
  takeEvent({ eventId, isJson, data, metadata, damaged }: SentEvent): NewEvent | undefined {
    const event = this.#events.get(eventId);
    if (!event) return undefined;
    this.#events.delete(eventId);
    const written = encodeEvent(event);
    const isSame =
      damaged === undefined && isJson && written.data.equals(data) && written.metadata.equals(metadata);
    return isSame ? event : undefined;
  }
}
